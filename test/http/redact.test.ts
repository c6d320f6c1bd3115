import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/http/redact.ts';

const key = 'ABCDEFGH12345678';
const secret = 'old/Secret+without=prefix&"quote';

function knowing(...secrets: readonly string[]) {
  const redactor = createRedactor();
  for (const one of secrets) redactor.addSecret(one);
  return redactor;
}

describe('what it was told', () => {
  const redactor = knowing(secret, `${key}:${secret}`, 'a~~b??>>c~~~');

  test.each([
    secret,
    `${key}:${secret}`,
    btoa(secret),
    btoa(`${key}:${secret}`),
    Buffer.from('a~~b??>>c~~~').toString('base64'),
    Buffer.from('a~~b??>>c~~~').toString('base64url'),
    encodeURIComponent(secret),
    encodeURIComponent(btoa(`${key}:${secret}`)),
    new URLSearchParams({ x: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
  ])('is hidden as %s', (form) => {
    expect(redactor.redact(`before ${form} after`)).toMatch(/^before (ABCDEFGH12345678:)?\[redacted\] after$/);
  });

  test('is hidden if it was cut off, in any coding', () => {
    const token = 'opaque+token/0123456789-abcdefghijklmnopqrstuvwxyz';
    const fresh = knowing(token);
    for (const form of [token, btoa(token), encodeURIComponent(token), btoa(`x${token}`), btoa(`xy${token}`)]) {
      for (const length of [form.length, 30]) {
        const hidden = fresh.redact(`the value ${form.slice(0, length)}… is wrong`);
        expect(hidden).toMatch(/^the value \w{0,3}\[redacted\][\w=]{0,4}… is wrong$/);
      }
    }
  });

  test('is gone from any text, if it is long enough to matter', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (word, before, after) => {
        expect(knowing(word).redact(`${before}${word}${after}`).split('[redacted]').join('|')).not.toContain(word);
      }),
    );
  });
});

describe('what it was never told', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const jwt = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ sub: 'pool-1', exp: 1 })}.c2lnbmF0dXJl`;

  test.each([
    ['cfltAbC0123456789+/=', '[redacted]'],
    [`Authorization: Basic ${btoa('other:credentials')}\nx`, 'Authorization: [redacted]\nx'],
    ['{"authorization":"Bearer abc.def","a":1}', '{"authorization":"[redacted]","a":1}'],
    [`got Basic ${btoa('other:credentials')}.`, 'got Basic [redacted]'],
    [`token ${jwt}, or ${jwt.slice(0, 50)}…`, 'token [redacted], or [redacted]…'],
    // Words, and a key, are no secrets.
    ['Basic authentication failed for key ABCDEFGH12345678; a conflict', undefined],
  ])('%s is hidden by its form', (text, hidden = text) => {
    expect(knowing('', 'a').redact(text)).toBe(hidden);
  });

  test('is no less a secret if it begins like the one that it knows', () => {
    const other = btoa(`${key}:${secret.slice(0, -1)}, or another`);
    expect(knowing(secret, `${key}:${secret}`).redact(`got Basic ${other}`)).toBe('got Basic [redacted]');
  });
});
