import { CliError } from '../errors.ts';
import { isOneEdit } from '../text/suggest.ts';
import { foldEmail } from './email.ts';

/** Reads `example.com,example.org`. Throws `usage` for anything else. */
export function parseDomains(text: string, before: readonly string[] = []): readonly string[] {
  const domains = text.split(',').map((one) => one.trim().toLowerCase().replace(/^@/, ''));
  const bad = domains.find((one) => !isDomain(one));
  if (bad === undefined) return [...before, ...domains];
  throw new CliError('usage', `"${bad}" is not a domain`, { hints: ['--allowed-domains example.com,example.org'] });
}

export function isDomain(text: string): boolean {
  return /^(?:\*\.)?(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,}$/u.test(text);
}

function domainOf(email: string): string {
  return foldEmail(email.slice(email.lastIndexOf('@') + 1));
}

/** @param allowed Domains; `*.example.com` stands for those below it. */
function isOfDomain(email: string, allowed: readonly string[]): boolean {
  const domain = domainOf(email);
  return allowed.some((one) => (one.startsWith('*.') ? domain.endsWith(one.slice(1)) : domain === foldEmail(one)));
}

/** Why an address may not be invited; undefined if it may. */
export function externalProblem(email: string, allowed: readonly string[] | undefined): string | undefined {
  if (allowed === undefined || isOfDomain(email, allowed)) return undefined;
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

/** An address whose domain is one edit from one that is used a lot. */
interface Misspelled {
  readonly email: string;
  readonly meant: string;
}

/** The domains of many addresses. */
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
    const near = right.has(domain) ? undefined : [...right].find((one) => isOneEdit(domain, one));
    if (near !== undefined) meant.set(domain, near);
  }
  return emails.flatMap((email) => {
    const near = meant.get(domainOf(email));
    return near === undefined ? [] : [{ email, meant: `${email.slice(0, email.lastIndexOf('@') + 1)}${near}` }];
  });
}

/** `"ann@gmial.com" may be meant as ann@gmail.com`, the first ones of many. */
export function misspelledLines(found: readonly Misspelled[]): string[] {
  const more = found.length > 10 ? [`and ${found.length - 10} more look misspelled`] : [];
  return [...found.slice(0, 10).map(({ email, meant }) => `"${email}" may be meant as ${meant}`), ...more];
}
