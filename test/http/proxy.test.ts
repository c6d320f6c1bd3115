import { describe, expect, test } from 'vitest';
import type { CliError } from '../../src/errors.ts';
import { isExcluded, isLoopback, proxyFor, unclearExceptions } from '../../src/http/endpoint.ts';

const api = new URL('https://api.confluent.cloud');

describe('which proxy the environment asks for', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['none', {}, undefined],
    ['not by another scheme', { HTTP_PROXY: 'http://q:1' }, undefined],
    ['lower case wins', { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' }, 'http://lower:1/'],
    ['empty counts as unset', { https_proxy: '', HTTPS_PROXY: 'http://upper:1' }, 'http://upper:1/'],
    ['without a scheme', { HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128/'],
    ['over TLS', { HTTPS_PROXY: 'https://proxy' }, 'https://proxy/'],
    ['not ALL_PROXY', { ALL_PROXY: 'http://p:1' }, undefined],
    ['unless excepted, lower case first', { HTTPS_PROXY: 'http://p:1', no_proxy: 'x', NO_PROXY: '*' }, 'http://p:1/'],
  ])('%s', (_name, env, url) => {
    expect(proxyFor(api, env)?.url.href).toBe(url);
  });

  test('none for this machine', () => {
    expect(proxyFor(new URL('http://127.0.0.1:8080'), { HTTP_PROXY: 'q:1' })).toBeUndefined();
  });

  test('the login is taken out of the address', () => {
    expect(proxyFor(api, { HTTPS_PROXY: 'http://us%40er:p%3Aw@p:1' })).toEqual({
      url: new URL('http://p:1'),
      token: `Basic ${btoa('us@er:p:w')}`,
    });
    expect(proxyFor(api, { HTTPS_PROXY: 'user@p:1' })?.token).toBe(`Basic ${btoa('user:')}`);
    expect(proxyFor(api, { HTTPS_PROXY: 'http://100%:x@p:1' })?.token).toBe(`Basic ${btoa('100%:x')}`);
  });

  test.each([
    ...['socks5://user:hunter2@p:1', 'http://', 'http://user:hunter2@:', 'file:///x', 'p:99999'],
    ...['http://user:hunter2@ss#1@host', 'http://user:hunter2/x@host:3128', 'CORP\\ann:hunter2@host:3128'],
    ...['http://host:3128/hunter2', 'http://host?hunter2', 'http://ann?hunter2@host:1'],
  ])('%s is refused, unshown', (value) => {
    try {
      proxyFor(api, { https_proxy: value });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'usage', message: 'cannot use "https_proxy"' });
      const shown = JSON.stringify((error as CliError).toRecord());
      expect(shown).not.toMatch(/hunter2|\bss\b|ann\b/);
      for (const code of ['%23', '%2F', '%5C']) expect(shown).toContain(code);
    }
  });
});

describe('what NO_PROXY excepts', () => {
  test.each([
    ['*', true],
    ['api.confluent.cloud', true],
    ['confluent.cloud', true],
    ['.confluent.cloud', true],
    ['other.example, confluent.cloud', true],
    ['api.confluent.cloud:443', true],
    ['api.confluent.cloud:8443', false],
    ['other.example;confluent.cloud', true],
    ['fluent.cloud', false],
    ['0.0.0.0/0', false],
    ['', false],
  ])('%s: %s', (list, excepted) => {
    expect(isExcluded(api, list)).toBe(excepted);
  });
});

test.each([
  ['http://localhost', true],
  ['http://sandbox.localhost:1', false],
  ['https://[::ffff:127.0.0.1]', true],
  ['http://127.9.9.9', true],
  ['http://[::1]:5', true],
  ['http://127.0.0.1.evil.example', false],
  ['http://localhost.evil.example', false],
  ['http://10.0.0.1', false],
])('%s is this machine: %s', (url, expected) => {
  expect(isLoopback(new URL(url))).toBe(expected);
});

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['10.1.2.3', '10.2.0.0/16', false],
  ['[2001:db8::1]', '2001:db8::/32', true],
  ['[2001:db8::1]', '[2001:0db8:0:0::1]:443', true],
  ['[2001:db8::1]', '[2001:db8::1]:1', false],
  ['[2001:db8::1]', '10.0.0.0/8', false],
])('%s is among %s: %s', (host, list, expected) => {
  expect(isExcluded(new URL(`https://${host}`), list)).toBe(expected);
});

test('what NO_PROXY cannot mean is known', () => {
  const clear =
    '*,.a.example;*.b.example c.example:80 10.0.0.0/8,::1,[::1]:8080,2001:db8::/32,localhost,m\u00fcller.example';
  expect(unclearExceptions({ NO_PROXY: clear })).toEqual([]);
  const unclear = ['10.*', 'api.*.example', '10.0.0.0/33', 'http://x', '10.0.0.0/8.0', '10.0.0.1-10'];
  expect(unclearExceptions({ NO_PROXY: unclear.join(',') })).toEqual(unclear.slice(0, 5));
});
