import { describe, expect, test } from 'vitest';
import { isExcluded, isLoopback, parseEndpoint, proxyFor, unclearExceptions } from '../../src/http/endpoint.ts';
import { failureIn } from '../support/failures.ts';

test.each([
  ['https://api.confluent.cloud', 'https://api.confluent.cloud/'],
  ['https://API.Confluent.Cloud:443/', 'https://api.confluent.cloud/'],
  ['https://confluentgov.com/api', 'https://confluentgov.com/api'],
  ['https://confluentgov.com/api//', 'https://confluentgov.com/api'],
  ['https://proxy.example/@team/api', 'https://proxy.example/@team/api'],
  ['http://localhost:8080', 'http://localhost:8080/'],
  ['http://[::1]:9', 'http://[::1]:9/'],
])('%s is taken as %s', (text, href) => {
  expect(parseEndpoint(text).href).toBe(href);
});

test.each([
  ['http://api.confluent.cloud', 'unencrypted'],
  ['http://127.0.0.1.evil.example', 'unencrypted'],
  ['http://[::2]', 'unencrypted'],
  ['ftp://api.confluent.cloud', 'https://'],
  ['api.confluent.cloud', 'not a URL'],
  ['https:api.confluent.cloud', 'not a URL'],
  ['', 'not a URL'],
  ['https://host:99999', 'not a URL'],
  ['https://api.confluent.cloud?x=1', 'a query'],
  ['https://api.confluent.cloud#', 'a fragment'],
  ['https://api.confluent.cloud.', 'ends with a dot'],
  ['https://api.cоnfluent.cloud', 'a character'],
  ['https://api.confluent.cloud\\@evil.example', 'a character'],
  ['https://api.conf\tluent.cloud', 'a character'],
  [' https://api.confluent.cloud', 'a character'],
  ['https://user@api.confluent.cloud', 'a user name'],
])('"%s" is refused: %s', (text, reason) => {
  const details = { reason: expect.stringContaining(reason) };
  expect(failureIn(() => parseEndpoint(text))).toMatchObject({ code: 'usage', details });
});

test.each([
  'https://user:hunter2@api.confluent.cloud',
  'https://hunter2@api.confluent.cloud',
  'user:hunter2@api.confluent.cloud',
  'https://a@b:hunter2@api.confluent.cloud',
  'https://api.confluent.cloud?secret=hunter2',
])('what may be a secret in "%s" is not shown again', (text) => {
  const { message } = failureIn(() => parseEndpoint(text)).toRecord();
  expect(message).toMatch(/\*\*\*@api\.confluent\.cloud"|api\.confluent\.cloud\?\*\*\*"/);
  expect(message).not.toContain('hunter2');
});

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
    ['an empty exception counts as unset', { HTTPS_PROXY: 'http://p:1', no_proxy: '', NO_PROXY: '*' }, undefined],
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
    'socks5://user:hunter2@p:1',
    'http://',
    'http://user:hunter2@:',
    'file:///x',
    'p:99999',
    'http://user:hunter2@ss#1@host',
    'http://user:hunter2/x@host:3128',
    'CORP\\ann:hunter2@host:3128',
    'http://host:3128/hunter2',
    'http://host?hunter2',
    'http://ann?hunter2@host:1',
  ])('%s is refused, unshown', (value) => {
    const error = failureIn(() => proxyFor(api, { https_proxy: value }));
    expect(error).toMatchObject({ code: 'usage', message: 'cannot use "https_proxy"' });
    const shown = JSON.stringify(error.toRecord());
    expect(shown).not.toMatch(/hunter2|\bss\b|ann\b/);
    for (const code of ['%23', '%2F', '%5C']) expect(shown).toContain(code);
  });
});

const host = 'api.confluent.cloud';

test.each([
  [host, '*', true],
  [host, host, true],
  [host, 'confluent.cloud', true],
  [host, '.confluent.cloud', true],
  [host, 'other.example, confluent.cloud', true],
  [host, 'api.confluent.cloud:443', true],
  [host, 'api.confluent.cloud:8443', false],
  [host, 'other.example;confluent.cloud', true],
  [host, 'confluent.cloud.', true],
  [host, 'fluent.cloud', false],
  [host, '0.0.0.0/0', false],
  [host, '', false],
  ['10.1.2.3', '10.0.0.0/8', true],
  ['10.1.2.3', '10.2.0.0/16', false],
  ['[2001:db8::1]', '2001:db8::/32', true],
  ['[2001:db8::1]', '[2001:0db8:0:0::1]:443', true],
  ['[2001:db8::1]', '[2001:db8::1]:1', false],
  ['[2001:db8::1]', '10.0.0.0/8', false],
])('%s is excepted by NO_PROXY=%s: %s', (name, list, expected) => {
  expect(isExcluded(new URL(`https://${name}`), list)).toBe(expected);
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

test('what NO_PROXY cannot mean is known', () => {
  const clear =
    '*,.a.example;*.b.example c.example:80 10.0.0.0/8,::1,[::1]:8080,2001:db8::/32,localhost,m\u00fcller.example';
  expect(unclearExceptions({ NO_PROXY: clear })).toEqual([]);
  const unclear = ['10.*', 'api.*.example', '10.0.0.0/33', 'http://x', '10.0.0.0/8.0', '10.0.0.1-10'];
  expect(unclearExceptions({ NO_PROXY: unclear.join(',') })).toEqual(unclear.slice(0, 5));
});
