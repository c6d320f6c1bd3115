import { CliError } from '../errors.ts';
import { firstMistake, type Place, placeOf } from './json-place.ts';
import { type Config, isProfileName, sandboxName } from './profile.ts';

/** The shape of the file that this version writes. */
export const configVersion = 1;

export const emptyConfig: Config = { version: configVersion, profiles: {} };

/** The file's bytes as checked data, with whatever else is in it. Throws `config_invalid`; shows nothing of the text. */
export function parseConfig(bytes: Uint8Array, path: string): Config {
  const text = textOf(bytes, path);
  const mistake = firstMistake(text);
  if (mistake !== undefined) throw brokenConfig(path, 'it is not JSON', mistake);
  const value: unknown = JSON.parse(text);
  const complaint = complaintAbout(value);
  if (complaint !== undefined) throw brokenConfig(path, complaint);
  return { ...emptyConfig, ...(value as object) };
}

/** The file as it is wrong; `place` is known for what no JSON parser would read. */
export function brokenConfig(path: string, reason: string, place?: Place): CliError {
  const where = place === undefined ? '' : ` at line ${place.line}, column ${place.column}`;
  return new CliError('config_invalid', `cannot use "${path}"${where}`, {
    reason,
    hints: [
      'correct it in an editor, or move it away and log in again; it was not changed',
      'a key in CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET works without it',
    ],
    target: path,
  });
}

function textOf(bytes: Uint8Array, path: string): string {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  if (!Buffer.from(text).equals(buffer))
    throw brokenConfig(path, 'it is not UTF-8', placeOf(text, text.indexOf('\ufffd')));
  // Some editors put a mark before the text.
  return text.replace(/^\ufeff/, '');
}

function complaintAbout(config: unknown): string | undefined {
  if (!isRecord(config)) return 'it must hold an object';
  const { version = configVersion, current, profiles = {} } = config;
  if (!Number.isInteger(version) || Number(version) < 1) return '"version" must be a whole number';
  if (current !== undefined && !isName(current)) return '"current" must be the name of a profile';
  if (!isRecord(profiles)) return '"profiles" must be an object';
  for (const [name, profile] of Object.entries(profiles)) {
    const complaint = complaintAboutProfile(name, profile);
    if (complaint !== undefined) return `profile "${name}": ${complaint}`;
  }
  return undefined;
}

function complaintAboutProfile(name: string, profile: unknown): string | undefined {
  if (name === sandboxName) return 'the name belongs to the built-in sandbox';
  if (!isProfileName(name)) return 'that is not a profile name';
  if (!isRecord(profile)) return 'it must be an object';
  const { api_key, api_secret, secret_command, endpoint, created_at } = profile;
  if (!isText(api_key)) return '"api_key" must be text';
  if ((api_secret === undefined) === (secret_command === undefined)) return 'it needs "api_secret" or "secret_command"';
  if (api_secret !== undefined && !isText(api_secret)) return '"api_secret" must be text';
  if (secret_command !== undefined && !isCommand(secret_command)) return '"secret_command" must be a list of texts';
  if (endpoint !== undefined && !isText(endpoint)) return '"endpoint" must be text';
  if (created_at !== undefined && !isText(created_at)) return '"created_at" must be text';
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
