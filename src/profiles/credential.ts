import { CliError } from '../errors.ts';

/**
 * A key or secret as it was typed, pasted or stored, without the space and the pair of quotes around it. What else
 * cannot be part of one is refused; the complaint never shows the value.
 * @param name What it is, to begin the complaint with: `the API key`, `CONFLUENT_CLOUD_API_SECRET`.
 */
export function parseCredential(name: string, text: string): string {
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(text.trim()) ?? [];
  const value = (quoted ?? text).trim();
  const complaint = complaintAbout(value);
  if (complaint === undefined) return value;
  throw new CliError('usage', `cannot use ${name}`, { reason: complaint, hints: ['copy it again, by itself'] });
}

/** The id of a key; it stands before the colon of an Authorization header, and so cannot hold one. */
export function parseKeyId(name: string, text: string): string {
  const id = parseCredential(name, text);
  if (!id.includes(':')) return id;
  const hints = ['the key and the secret are two values'];
  throw new CliError('usage', `cannot use ${name}`, { reason: 'it holds a colon', hints });
}

function complaintAbout(value: string): string | undefined {
  if (value === '') return 'it is empty';
  if (value.length > 4096) return 'it is longer than 4096 characters';
  if (/[\r\n]/.test(value)) return 'it contains a line break';
  if (/\s/.test(value)) return 'it contains a space';
  if (/[^\x21-\x7e]/.test(value)) return 'it contains a character that no key has';
  return undefined;
}

/** As much of a key id as tells it from others: `ABCD…WXYZ`. */
export function shortKeyId(id: string): string {
  return id.length <= 8 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}
