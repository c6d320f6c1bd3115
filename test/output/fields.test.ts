import { describe, expect, test } from 'vitest';
import { parseFields } from '../../src/cli/global-options.ts';
import { checkFields, pick } from '../../src/output/fields.ts';
import { failureIn } from '../support/failures.ts';
import { view } from './samples.ts';

describe('parseFields', () => {
  test('takes names apart, each once, in order', () => {
    expect(parseFields(' id, email,,metadata.created_at,id')).toEqual(['id', 'email', 'metadata.created_at']);
  });

  test.each(['', ' ', ',,'])('refuses %j', (text) => {
    expect(failureIn(() => parseFields(text))).toMatchObject({
      code: 'usage',
      message: expect.stringContaining(`invalid argument "${text}" for "--fields"`),
    });
  });
});

describe('checkFields', () => {
  test.each(['__proto__', 'constructor', 'toString', 'metadata'])('does not know %s', (name) => {
    const error = failureIn(() => checkFields(view, [name]));
    expect(error.details.hints?.at(-1)).toMatch(/^known fields: id, /);
  });
});

describe('pick', () => {
  const record = { id: 'i-1', user: { id: 'u-1', kind: 'User' }, metadata: { created_at: 'then', self: 'here' } };
  const picked = (...fields: string[]) => JSON.stringify(pick(record, fields));

  test('nests as before and keeps the order asked for', () => {
    expect(picked('metadata.created_at', 'id')).toBe('{"metadata":{"created_at":"then"},"id":"i-1"}');
    expect(picked('user.kind', 'id', 'user.id')).toBe('{"user":{"kind":"User","id":"u-1"},"id":"i-1"}');
  });

  test('the whole of something holds its parts', () => {
    expect(picked('user.id', 'user')).toBe('{"user":{"id":"u-1","kind":"User"}}');
    expect(picked('user', 'user.id')).toBe('{"user":{"id":"u-1","kind":"User"}}');
    expect(picked('user', 'user.related')).toBe('{"user":{"id":"u-1","kind":"User"}}');
    expect(record.user).toEqual({ id: 'u-1', kind: 'User' });
  });

  test('what is not there is null', () => {
    expect(picked('email', 'creator.id')).toBe('{"email":null,"creator":{"id":null}}');
  });

  test('touches no prototype', () => {
    pick(JSON.parse('{"__proto__":{"polluted":1}}'), ['__proto__.polluted', 'constructor.prototype.polluted']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    const own = pick(JSON.parse('{"__proto__":{"polluted":1}}'), ['__proto__']);
    expect(Object.getPrototypeOf(own)).toBe(Object.prototype);
  });
});
