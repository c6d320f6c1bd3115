import { domainToASCII } from 'node:url';
import { CliError } from '../errors.ts';
import { lazyPattern, truncate } from '../text/sanitize.ts';

export interface EmailRules {
  /** Admits characters beyond ASCII. */
  readonly allowUnicode?: boolean;
}

/** The e-mail as it is compared: without regard to ASCII case. Other letters are left alone, they have no case here. */
export function foldEmail(email: string): string {
  return email.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** What is wrong with an address, in words; undefined if nothing is. Lengths come first, so that no text is too long to check. */
export function emailProblem(email: string, { allowUnicode = false }: EmailRules = {}): string | undefined {
  if (email === '') return 'it is empty';
  if (email.length > 254) return `it is ${email.length} characters long, 254 are allowed`;
  const foreign = foreignCharacter(email, allowUnicode);
  if (foreign !== undefined) return foreign;
  const [local = '', domain, ...more] = email.split('@');
  if (domain === undefined) return 'it has no @';
  if (more.length > 0) return 'it has more than one @';
  return localProblem(local) ?? domainProblem(domain);
}

const mostShown = 300;

/** The addresses without the space around them. Throws one `invalid_email` that lists every bad one. */
export function checkEmails(emails: readonly string[], rules: EmailRules = {}): string[] {
  const trimmed = emails.map((email) => email.trim());
  const problems = trimmed.flatMap((email) => {
    const problem = emailProblem(email, rules);
    // A whole file may have been taken for an address: its beginning tells that, too.
    return problem === undefined ? [] : [{ email: truncate(email, mostShown), problem }];
  });
  const [first] = problems;
  if (first === undefined) return trimmed;
  if (problems.length === 1) {
    throw new CliError('invalid_email', `"${first.email}" is not an e-mail address`, {
      reason: first.problem,
      target: first.email,
    });
  }
  const lines = problems.map(({ email, problem }) => `"${email}": ${problem}`);
  throw new CliError('invalid_email', `${problems.length} of ${emails.length} are not e-mail addresses`, {
    reason: lines.join('\n'),
  });
}

/** The address with the domain as it is registered, if that differs: what a look-alike letter cannot hide. */
export function punycode(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  const ascii = `${email.slice(0, at)}@${domainToASCII(email.slice(at + 1))}`;
  return ascii === email ? undefined : ascii;
}

const letters = String.raw`\p{L}\p{M}\p{N}`;
const letter = lazyPattern(`^[${letters}]$`, 'u');
const domainLabel = lazyPattern(`^[${letters}](?:[${letters}-]{0,61}[${letters}])?$`, 'u');

/** Names the first character that is not plain, with its code point and place: it may be invisible. */
function foreignCharacter(email: string, allowUnicode: boolean): string | undefined {
  let column = 0;
  for (const character of email) {
    column += 1;
    const plain = /^[!-~]$/.test(character) && !/["(),:;<>[\\\]]/.test(character);
    const admitted = allowUnicode && letter().test(character);
    if (plain || admitted) continue;
    const code = character.codePointAt(0) ?? 0;
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    return /^[!-~]$/.test(character)
      ? `${character} at column ${column} is not allowed`
      : `${name} at column ${column} is not allowed`;
  }
  return undefined;
}

function localProblem(local: string): string | undefined {
  if (local === '') return 'nothing stands before the @';
  if (local.length > 64) return `${local.length} characters stand before the @, 64 are allowed`;
  if (/^[-=]/.test(local)) return `it begins with ${local[0]}`;
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return 'a dot before the @ is out of place';
  return undefined;
}

function domainProblem(domain: string): string | undefined {
  const labels = domain.split('.');
  if (labels.length < 2) return `the domain "${domain}" has no dot`;
  const bad = labels.find((label) => !domainLabel().test(label));
  if (bad !== undefined) return `the domain "${domain}" is not a domain name`;
  return /^\d+$/.test(labels.at(-1) ?? '') ? `the domain "${domain}" is not a domain name` : undefined;
}
