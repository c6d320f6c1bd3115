import { CliError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../text/json-fields.ts';
import { type Config, isProfileName, sandboxName } from './profile.ts';

/** The file format that this version writes. */
export const configVersion = 1;

export const emptyConfig: Config = { version: configVersion, profiles: {} };

/** The checked content of the file, unknown keys included. Throws `config_invalid`, which shows nothing of the text. */
export function parseConfig(bytes: Uint8Array, path: string): Config {
  const text = decoded(bytes, path);
  const position = firstJsonError(text);
  if (position !== undefined) throw brokenConfig(path, 'it is not JSON', position);
  const value: unknown = JSON.parse(text);
  const problem = problemWith(value);
  if (problem !== undefined) throw brokenConfig(path, problem);
  return { ...emptyConfig, ...(value as object) };
}

/** The error for a file that cannot be used; the position is known if it is not JSON. */
function brokenConfig(path: string, reason: string, position?: TextPosition): CliError {
  const where = position === undefined ? '' : ` at line ${position.line}, column ${position.column}`;
  return new CliError('config_invalid', `cannot use "${path}"${where}`, {
    reason,
    hints: [
      'fix it in an editor, or move it away and log in again; it was not changed',
      'CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET work without it',
    ],
    target: path,
  });
}

function decoded(bytes: Uint8Array, path: string): string {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  if (!Buffer.from(text).equals(buffer))
    throw brokenConfig(path, 'it is not UTF-8', textPosition(text, text.indexOf('\ufffd')));
  // Some editors write a byte order mark.
  return text.replace(/^\ufeff/, '');
}

function problemWith(config: unknown): string | undefined {
  if (!isJsonObject(config)) return 'it must be an object';
  const { version = configVersion, current, profiles = {} } = config;
  if (!Number.isInteger(version) || Number(version) < 1) return '"version" must be a whole number';
  if (current !== undefined && !isName(current)) return '"current" must be the name of a profile';
  if (!isJsonObject(profiles)) return '"profiles" must be an object';
  for (const [name, profile] of Object.entries(profiles)) {
    const problem = problemWithProfile(name, profile);
    if (problem !== undefined) return `profile "${name}": ${problem}`;
  }
  return undefined;
}

function problemWithProfile(name: string, profile: unknown): string | undefined {
  if (name === sandboxName) return 'the name is reserved for the built-in sandbox';
  if (!isProfileName(name)) return 'it is not a valid profile name';
  if (!isJsonObject(profile)) return 'it must be an object';
  const { endpoint, created_at, allowed_domains: domains } = profile;
  if (endpoint !== undefined && !isText(endpoint)) return '"endpoint" must be a string';
  if (created_at !== undefined && !isText(created_at)) return '"created_at" must be a string';
  if (domains !== undefined && !(Array.isArray(domains) && domains.length > 0 && domains.every(isText)))
    return '"allowed_domains" must be a list of domains';
  return profile.identity_pool_id === undefined ? problemWithKey(profile) : problemWithPool(profile);
}

function problemWithKey({ api_key, api_secret, secret_command }: JsonObject): string | undefined {
  if (!isText(api_key)) return '"api_key" must be a string';
  if ((api_secret === undefined) === (secret_command === undefined))
    return 'it needs either "api_secret" or "secret_command"';
  if (api_secret !== undefined && !isText(api_secret)) return '"api_secret" must be a string';
  if (secret_command !== undefined && !isCommand(secret_command)) return '"secret_command" must be a list of strings';
  return undefined;
}

function problemWithPool(profile: JsonObject): string | undefined {
  if (!isText(profile.identity_pool_id)) return '"identity_pool_id" must be a string';
  if (!isCommand(profile.token_command)) return '"token_command" must be a list of strings';
  const other = ['api_key', 'api_secret', 'secret_command'].find((name) => profile[name] !== undefined);
  return other === undefined ? undefined : `it needs either "identity_pool_id" or "${other}"`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && isProfileName(value);
}

function isCommand(value: unknown): boolean {
  return Array.isArray(value) && isText(value[0]) && value.every((word) => typeof word === 'string');
}

/** A position in a text, counted from one. */
interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** White space, and then punctuation, a string, or a number or literal. */
const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b))/y;

/** What may come next; `value?` and `key?` follow an opening bracket, which may close at once. */
type Next = 'value' | 'value?' | 'key' | 'key?' | 'colon' | 'comma';

const afterComma: Readonly<Record<string, Next>> = { '{': 'key', '[': 'value' };

/**
 * The position of the first syntax error. The message of `JSON.parse` differs between versions of Node, and it quotes the
 * text, which may contain a secret.
 */
export function firstJsonError(text: string): TextPosition | undefined {
  const open: string[] = [];
  let next: Next = 'value';
  let offset = 0;
  for (;;) {
    token.lastIndex = offset;
    const found: RegExpExecArray | null = token.exec(text);
    const after: Next | undefined = found === null ? undefined : step(found, next, open);
    if (found === null || after === undefined) return atEnd(text, offset, next, open);
    next = after;
    offset = token.lastIndex;
  }
}

/** What may follow this token; undefined if it is not allowed here. */
function step([, mark, string]: RegExpExecArray, next: Next, open: string[]): Next | undefined {
  const expectsValue = next === 'value' || next === 'value?';
  const expectsKey = next === 'key' || next === 'key?';
  if (mark === undefined) {
    if (expectsValue) return 'comma';
    return expectsKey && string !== undefined ? 'colon' : undefined;
  }
  if (mark === '{' || mark === '[') {
    if (!expectsValue) return undefined;
    open.push(mark);
    return mark === '{' ? 'key?' : 'value?';
  }
  if (mark === ':') return next === 'colon' ? 'value' : undefined;
  if (mark === ',') return next === 'comma' ? afterComma[open.at(-1) ?? ''] : undefined;
  const mayClose = next === 'comma' || next === (mark === '}' ? 'key?' : 'value?');
  return mayClose && open.pop() === (mark === '}' ? '{' : '[') ? 'comma' : undefined;
}

function atEnd(text: string, offset: number, next: Next, open: readonly string[]): TextPosition | undefined {
  const rest = text.slice(offset);
  const space = /^[ \t\r\n]*/.exec(rest)?.[0].length ?? 0;
  const isWhole = space === rest.length && next === 'comma' && open.length === 0;
  return isWhole ? undefined : textPosition(text, offset + space);
}

function textPosition(text: string, offset: number): TextPosition {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
