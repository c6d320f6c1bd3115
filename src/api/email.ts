import { domainToASCII } from 'node:url';
import { CliError } from '../errors.ts';
import { lazyPattern, lowerAscii, truncate } from '../text/sanitize.ts';
import { isOneEdit, shellQuote } from '../text/suggest.ts';
import { firstOf } from '../text/times.ts';

export interface EmailRules {
  /** Allows letters beyond ASCII. */
  readonly allowUnicode?: boolean;
}

/** The e-mail in the form in which e-mails are compared. */
export const foldEmail = lowerAscii;

/** `eve.smith@example.com (invited as eve.miller@example.com)`; the address alone if it has not changed. */
export function nameOf(email: unknown, { invited_as }: { readonly invited_as?: unknown }): string {
  return typeof invited_as === 'string' ? `${email} (invited as ${invited_as})` : String(email ?? '');
}

const mailto = /^mailto:\s*/i;

/** The address in `Ann Bee <ann@example.com>` or `mailto:ann@example.com`, as programs write it; other text trimmed. */
export function addressIn(text: string): string {
  const trimmed = text.trim().replace(mailto, '');
  // No name is longer; a whole file may have been passed as an address.
  if (trimmed.length > 1000 || !/[>\]]$/.test(trimmed)) return trimmed;
  const whole = trimmed.replace(/\[(mailto:[^[\]]*)\]$/i, '<$1>');
  const start = whole.lastIndexOf('<');
  // Outlook writes `'ann@example.com' <ann@example.com>` of somebody without a name.
  const name = whole
    .slice(0, start)
    .trim()
    .replace(/^(['"])(.*)\1$/, '$2');
  const address = whole
    .slice(start + 1, -1)
    .trim()
    .replace(mailto, '');
  const isOther = /[<>@]/.test(name) && foldEmail(name) !== foldEmail(address);
  return start < 0 || !whole.endsWith('>') || isOther || /[<>\s]/.test(address) ? trimmed : address;
}

/** The addresses of a list copied from a mail program: `Ann Bee <ann@example.com>, bob@example.com; …`. */
export function splitAddresses(text: string): string[] {
  if (!/[,;\t\n]/.test(text)) return [text];
  const parts = text.match(/(?:"[^"]*"|<[^<>]*>|[^,;\t\n])+/g) ?? [];
  const addresses: string[] = [];
  let surname = '';
  for (const part of parts.map((one) => one.trim()).filter((one) => one !== '')) {
    // In "Bee, Ann <ann@example.com>" the comma belongs to the name.
    if (!part.includes('@')) {
      surname += `${part}, `;
      continue;
    }
    if (part.endsWith('>')) addresses.push(`${surname}${part}`);
    else addresses.push(...(surname === '' ? [] : [surname.slice(0, -2)]), part);
    surname = '';
  }
  return surname === '' ? addresses : [...addresses, surname.slice(0, -2)];
}

/** The problem with an address, in words; undefined if it is valid. Checks lengths first: a text may be huge. */
export function emailProblem(email: string, { allowUnicode = false }: EmailRules = {}): string | undefined {
  if (email === '') return 'it is empty';
  if (email.length > 254) return `it is ${email.length} characters long, 254 are allowed`;
  const unreal = unrealProblem(email);
  if (unreal !== undefined) return unreal;
  const foreign = foreignCharacter(email, allowUnicode);
  if (foreign !== undefined) return foreign;
  const [local = '', domain, ...more] = email.split('@');
  if (domain === undefined) return 'it has no @';
  if (more.length > 0) return 'it has more than one @';
  return localProblem(local) ?? domainProblem(domain);
}

/** What looks like an address and is none: the name of a guest, a template, a cell that a spreadsheet takes for text. */
function unrealProblem(email: string): string | undefined {
  const guest = /^(.+)#EXT#@/i.exec(email)?.[1];
  if (guest !== undefined) {
    const address = guest.replace(/_([^_]*)$/, '@$1');
    return `it is the name of a guest in Microsoft Entra; the address behind it may be ${address}`;
  }
  if (email.startsWith("'")) return `it begins with '; without it, it is ${email.replace(/^'+|'+$/g, '')}`;
  const isTemplate = /\*[*@]|[$#%]\{|\$\(|\{\{|<%|%(?:[sdv@]|\w+%)|^\{\w+\}@|^\$\w+@|^\[\w+\]@/.test(email);
  return isTemplate ? 'it is a template, not an address' : undefined;
}

const maxShown = 300;

/** The addresses without names and surrounding space. Throws one `invalid_email` that lists every invalid one. */
export function checkEmails(emails: readonly string[], rules: EmailRules = {}): string[] {
  const addresses = emails.map(addressIn);
  const problems = addresses.flatMap((email) => {
    const problem = emailProblem(email, rules);
    // A whole file may have been passed as an address.
    return problem === undefined ? [] : [{ email: truncate(email, maxShown), problem }];
  });
  const [first] = problems;
  if (first === undefined) return addresses;
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

/** A map by e-mail address that ignores ASCII case. Its keys are in small letters. */
export class EmailMap<Value> extends Map<string, Value> {
  override has(email: string): boolean {
    return super.has(foldEmail(email));
  }

  override get(email: string): Value | undefined {
    return super.get(foldEmail(email));
  }

  override set(email: string, value: Value): this {
    return super.set(foldEmail(email), value);
  }

  override delete(email: string): boolean {
    return super.delete(foldEmail(email));
  }
}

export function createCommand(email: string, ...flags: readonly string[]): string {
  const unicode = asciiAddress.test(email) ? [] : ['--allow-unicode'];
  return ['invite create', shellQuote(email), ...unicode, ...flags].join(' ');
}

/** The address with its domain in punycode, if that differs; it reveals look-alike letters. */
export function punycode(email: string): string | undefined {
  const at = email.lastIndexOf('@');
  const ascii = `${email.slice(0, at)}@${domainToASCII(email.slice(at + 1))}`;
  return ascii === email ? undefined : ascii;
}

const letters = String.raw`\p{L}\p{M}\p{N}`;
const mark = lazyPattern(String.raw`^\p{M}$`, 'u');
const letter = lazyPattern(`^[${letters}]$`, 'u');
const domainLabel = lazyPattern(`^[${letters}](?:[${letters}-]{0,61}[${letters}])?$`, 'u');
/** Addresses and labels in ASCII, as nearly all are: the patterns for all letters take milliseconds to compile. */
const asciiAddress = /^[!#-'*+\-./0-9=?@A-Z^-~]*$/;
const asciiLabel = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

function foreignCharacter(email: string, allowUnicode: boolean): string | undefined {
  if (asciiAddress.test(email)) return undefined;
  let column = 0;
  for (const character of email) {
    column += 1;
    const isPlain = /^[!-~]$/.test(character) && !/["(),:;<>[\\\]]/.test(character);
    const isLetter = letter().test(character);
    if (isPlain || (allowUnicode && isLetter)) continue;
    const name = describeCharacter(character);
    return isLetter && !/^[!-~]$/.test(character)
      ? `${name} at column ${column} is not ASCII; --allow-unicode allows it`
      : `${name} at column ${column} is not allowed`;
  }
  return undefined;
}

const spaces: Readonly<Record<string, string>> = {
  ' ': 'a space',
  '\u00a0': 'a no-break space',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a line break',
};

/** A character that may be invisible, or look like another, is named by its code point. */
function describeCharacter(character: string): string {
  if (/^[!-~]$/.test(character)) return character;
  const space = spaces[character];
  if (space !== undefined) return space;
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return letter().test(character) && !mark().test(character) ? `"${character}" (${code})` : code;
}

function localProblem(local: string): string | undefined {
  if (local === '') return 'the part before the @ is empty';
  if (local.length > 64) return `${local.length} characters stand before the @, 64 are allowed`;
  if (/^[-=]/.test(local)) return `it begins with ${local[0]}`;
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return 'misplaced dot before the @';
  return undefined;
}

function domainProblem(domain: string): string | undefined {
  const labels = domain.split('.');
  if (labels.length < 2) return `the domain "${domain}" has no dot`;
  const bad = labels.find((label) => !asciiLabel.test(label) && !domainLabel().test(label));
  if (bad !== undefined) return `the domain "${domain}" is not a domain name`;
  return /^\d+$/.test(labels.at(-1) ?? '') ? `the domain "${domain}" is not a domain name` : undefined;
}

/** Reads `example.com,*.example.org`. Throws `usage` for anything else. */
export function parseDomains(text: string, before: readonly string[] = []): readonly string[] {
  const domains = text.split(',').map((one) => one.trim().toLowerCase().replace(/^@/, ''));
  const bad = domains.find((one) => !isDomain(one));
  if (bad === undefined) return [...before, ...domains];
  throw new CliError('usage', `"${bad}" is not a domain`, { hints: ['as example.com, or example.com,example.org'] });
}

export function isDomain(text: string): boolean {
  return /^(?:\*\.)?(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}$/u.test(text);
}

export function domainOf(email: string): string {
  return foldEmail(email.slice(email.lastIndexOf('@') + 1));
}

/** @param domains `*.example.com` stands for those below it. */
export function isInDomains(email: string, domains: readonly string[]): boolean {
  const domain = domainOf(email);
  return domains.some((one) => (one.startsWith('*.') ? domain.endsWith(one.slice(1)) : domain === foldEmail(one)));
}

/** Why an address may not be invited; undefined if it may. */
export function externalProblem(email: string, allowed: readonly string[] | undefined): string | undefined {
  if (allowed === undefined || isInDomains(email, allowed)) return undefined;
  return `"${email}": its domain is not one of ${allowed.join(', ')}`;
}

export const externalHint = '--allow-external admits other domains';

/** Throws one `invalid_email` for all addresses of other domains than the allowed ones. */
export function refuseExternal(emails: readonly string[], allowed: readonly string[] | undefined): void {
  const problems = emails.flatMap((email) => externalProblem(email, allowed) ?? []);
  if (problems.length === 0) return;
  const words = `${problems.length} of ${emails.length} addresses ${problems.length === 1 ? 'is' : 'are'} of other domains, nothing was sent`;
  throw new CliError('invalid_email', words, { reason: problems.join('\n'), hints: [externalHint] });
}

/** Domains of mail providers, near which a mistyped one may be; all are real, so none is taken for another. */
const providers =
  'gmail.com,googlemail.com,outlook.com,hotmail.com,live.com,msn.com,yahoo.com,ymail.com,icloud.com,me.com,mac.com,' +
  'aol.com,mail.com,email.com,gmx.com,gmx.net,gmx.de,web.de,proton.me,protonmail.com,hotmail.co.uk,yahoo.co.uk,' +
  'yahoo.co.jp,orange.fr,free.fr,hotmail.fr,yahoo.fr,t-online.de,qq.com,163.com,126.com,zoho.com,fastmail.com';
const wellKnown: ReadonlySet<string> = new Set(providers.split(','));

/** Slips of `.com` under which no domain exists. */
const noTopLevel = /\.(?:con|cmo|ocm|vom|xom|comm|coom)$/;

/** An address whose domain is one edit from one that is used a lot, or cannot exist. */
interface Misspelled {
  readonly email: string;
  readonly meant: string;
}

export class Domains {
  readonly #counts = new Map<string, number>();
  #total = 0;

  add(email: string): void {
    const domain = domainOf(email);
    this.#counts.set(domain, (this.#counts.get(domain) ?? 0) + 1);
    this.#total += 1;
  }

  get all(): Iterable<string> {
    return this.#counts.keys();
  }

  /** The one that more than half of several addresses have. */
  get most(): string | undefined {
    return [...this.#counts].find(([, count]) => count > 1 && count * 2 > this.#total)?.[0];
  }
}

/** @param trusted Other domains that are known to be right. */
export function misspelledAmong(
  emails: readonly string[],
  trusted: readonly (string | undefined)[] = [],
): Misspelled[] {
  const domains = new Domains();
  for (const email of emails) domains.add(email);
  const known = [domains.most, ...trusted].flatMap((one) => (one === undefined ? [] : foldEmail(one)));
  const right = new Set([...known, ...wellKnown]);
  const meant = new Map<string, string>();
  for (const domain of domains.all) {
    if (right.has(domain)) continue;
    const near = [...right].find((one) => isOneEdit(domain, one)) ?? domain.replace(noTopLevel, '.com');
    if (near !== domain) meant.set(domain, near);
  }
  return emails.flatMap((email) => {
    const near = meant.get(domainOf(email));
    return near === undefined ? [] : [{ email, meant: `${email.slice(0, email.lastIndexOf('@') + 1)}${near}` }];
  });
}

/** `"ann@gmial.com" may be meant as ann@gmail.com`, the first ones of many. */
export function misspelledLines(found: readonly Misspelled[]): string[] {
  const lines = found.map(({ email, meant }) => `"${email}" may be meant as ${meant}`);
  return firstOf(lines, 10, 'more look misspelled');
}
