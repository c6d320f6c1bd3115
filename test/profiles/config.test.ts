import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { firstJsonError, parseConfig } from '../../src/profiles/store.ts';
import { failureIn } from '../support/failures.ts';

const good = '{"profiles":{"a":{"api_key":"K","api_secret":"marker"}}}';

const failure = (bytes: Uint8Array | string) => failureIn(() => parseConfig(Buffer.from(bytes), '/c.json'));

describe('a broken file is told with its place, and nothing of what is in it', () => {
  test.each<[string | Uint8Array, string]>([
    ['', 'line 1, column 1'],
    ['{', 'line 1, column 2'],
    [good.slice(0, 50), 'line 1, column 46'],
    ['\0'.repeat(80), 'line 1, column 1'],
    [`${good}\n${good}`, 'line 2, column 1'],
    ['{\n  "profiles": {\n    "a": {"api_key": "K" "api_secret": "marker"}\n  }\n}', 'line 3, column 26'],
    ['{\r\n  "profiles": {},\r\n}', 'line 3, column 1'],
    ["{'profiles': {}}", 'line 1, column 2'],
    ['{"profiles": {}, "x": [1, 2,]}', 'line 1, column 29'],
    ['{"x": 01}', 'line 1, column 7'],
    ['{"x": [}', 'line 1, column 8'],
    ['// no\n{}', 'line 1, column 1'],
    [Buffer.from('{"x": "caf\xe9"}', 'latin1'), 'line 1, column 11'],
    [Buffer.from(`\ufeff${good}`, 'utf16le'), 'line 1, column 1'],
  ])('%j', (bytes, place) => {
    const error = failure(bytes);
    expect(error).toMatchObject({ code: 'config_invalid', exitCode: 2, message: `cannot use "/c.json" at ${place}` });
    expect(error.details.hints?.length).toBe(2);
    expect(JSON.stringify(error.toRecord())).not.toContain('marker');
  });
});

test.each([
  ['null', 'it must be an object'],
  [`{"extra":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'it is nested too deeply'],
  ['{"version":0}', '"version" must be a whole number'],
  ['{"current":"__proto__"}', '"current" must be the name of a profile'],
  ['{"profiles":[]}', '"profiles" must be an object'],
  ['{"profiles":{"a":"marker"}}', 'profile "a": it must be an object'],
  [
    '{"profiles":{"sandbox":{"api_key":"K","api_secret":"S"}}}',
    'profile "sandbox": the name is reserved for the built-in sandbox',
  ],
  ['{"profiles":{"a":{"api_secret":"S"}}}', 'profile "a": "api_key" must be a string'],
  ['{"profiles":{"a":{"api_key":"K"}}}', 'profile "a": it needs either "api_secret" or "secret_command"'],
  ['{"profiles":{"a":{"api_key":"K","api_secret":7}}}', 'profile "a": "api_secret" must be a string'],
  [
    '{"profiles":{"a":{"api_key":"K","secret_command":"op read"}}}',
    'profile "a": "secret_command" must be a list of strings',
  ],
  ['{"profiles":{"a":{"identity_pool_id":"pool-a"}}}', 'profile "a": "token_command" must be a list of strings'],
  [
    '{"profiles":{"a":{"identity_pool_id":"pool-a","token_command":["t"],"api_key":"K"}}}',
    'profile "a": it needs either "identity_pool_id" or "api_key"',
  ],
  ['{"profiles":{"a":{"api_key":"K","secret_command":[]}}}', 'profile "a": "secret_command" must be a list of strings'],
  ['{"profiles":{"a":{"api_key":"K","api_secret":"S","endpoint":1}}}', 'profile "a": "endpoint" must be a string'],
  ['{"profiles":{"a":{"api_key":"K","api_secret":"S","created_at":1}}}', 'profile "a": "created_at" must be a string'],
])('%.100s is JSON, but no config', (text, reason) => {
  const error = failure(text);
  expect([error.code, error.message, error.details.reason]).toEqual(['config_invalid', 'cannot use "/c.json"', reason]);
});

test('what is not known is kept, and what is missing is nothing', () => {
  expect(parseConfig(Buffer.from('{}'), '')).toEqual({ version: 1, profiles: {} });
  expect(parseConfig(Buffer.from(`\ufeff${good}`), '')).toEqual({ version: 1, ...JSON.parse(good) });
  const future = {
    version: 9,
    theme: { dark: true },
    profiles: { a: { api_key: 'K', api_secret: 'S', color: 'red' } },
  };
  expect(parseConfig(Buffer.from(JSON.stringify(future)), '')).toEqual(future);
});

describe('firstMistake agrees with JSON.parse', () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  test('on JSON with one character changed, added or lost', () => {
    const characters = fc.constantFrom(...'{}[],:"\\0e.-+ \n\0tn\u00a0');
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.nat(1), characters, (json, at, cut, character) => {
        const place = at % (json.length + 1);
        const text = json.slice(0, place) + character + json.slice(place + cut);
        expect(firstJsonError(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 500 },
    );
  });

  test('without end on nothing: 1 MiB of brackets or text', () => {
    expect(firstJsonError('['.repeat(2 ** 20))).toEqual({ line: 1, column: 2 ** 20 + 1 });
    expect(firstJsonError(`"${'x'.repeat(2 ** 20)}"`)).toBeUndefined();
  });
});
