import { shortPlace } from '../api/crn.ts';
import { addressIn, type EmailRules, emailProblem, splitAddresses } from '../api/email.ts';
import { type AuthType, authTypes } from '../api/invitation.ts';
import { formatRole, parseRole, type Role } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import { truncate } from '../text/sanitize.ts';
import { type ColumnMapping, fieldOf, scopeParts, tellingIn } from './columns.ts';
import { likelyPlace, likelyTelling } from './likely.ts';
import { inOneLine } from './problems.ts';
import { cellText, type FileRecord, Mapping } from './record.ts';
import { scopeIn } from './scope.ts';
import { type End, endIn } from './values.ts';

/** A person to invite: one row of a file. */
export interface Row {
  readonly line: number;
  readonly email: string;
  readonly authType: AuthType | undefined;
  readonly roles: readonly Role[];
  /** The role of the row is `-`: none at all. */
  readonly hasNoRole?: true;
  /** When its roles end, or its person if it has none. */
  readonly until?: End;
  readonly note?: string;
}

export interface Problem {
  readonly words: string;
  readonly kind: 'email' | 'other';
  /** The heading of the column, where there is a header. */
  readonly column?: string | undefined;
}

type ParsedRow = { readonly row: Row } | { readonly problems: readonly Problem[] };

/** @param roles Granted to everybody; in a file with scopes, those without one get that of the row. */
interface RowRules extends EmailRules {
  readonly roles?: readonly Role[];
}

/** Parses rows. Rows with the same roles share one array, since there may be a hundred thousand. */
export function rowParser(rules: RowRules): (record: FileRecord, meanings: ColumnMapping) => ParsedRow {
  const shared = new Map<string, readonly Role[]>();
  const share = (found: FoundRoles) => {
    const key = `${found.text}\n${found.scope}\n${found.isOwn}`;
    const roles = shared.get(key) ?? rolesIn(found, rules.roles ?? []);
    if (shared.size < 1000) shared.set(key, roles);
    return roles;
  };
  return (record, meanings) => {
    const { line, cells, columns } = record;
    const problems: Problem[] = [];
    const read = <T>(at: number | undefined, parse: (cell: unknown) => T): T | undefined => {
      try {
        return parse(at === undefined ? '' : cells[at]);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        const kind = error.code === 'invalid_email' ? 'email' : 'other';
        problems.push({ words: inOneLine(error), kind, column: at === undefined ? undefined : columns[at] });
        return undefined;
      }
    };
    const role = meanings.role === undefined ? '' : rolesText(cells[meanings.role]);
    const hasNoRole = role === '-';
    const email = read(meanings.email, (cell) => emailIn(cell, rules)) ?? '';
    const authType = read(meanings.authType, authTypeIn);
    const scopeAt = meanings.scope[0]?.at;
    const scope = hasNoRole ? undefined : read(scopeAt, () => scopeIn(cells, meanings.scope));
    const isOwn = meanings.role !== undefined;
    const roles = read(meanings.role ?? scopeAt, () => share({ text: hasNoRole ? '' : role, scope, isOwn })) ?? [];
    const until = untilIn(record, meanings, problems);
    if (problems.length > 0) return { problems };
    const note = meanings.note === undefined ? '' : cellText(cells[meanings.note]);
    return {
      row: {
        ...{ line, email, authType, roles },
        ...(hasNoRole ? { hasNoRole } : {}),
        ...(until === undefined ? {} : { until }),
        ...(note === '' ? {} : { note }),
      },
    };
  };
}

/** The earliest end that the row names. */
export function untilIn({ cells }: FileRecord, { tellings }: ColumnMapping, problems: Problem[]): End | undefined {
  let earliest: End | undefined;
  for (const { telling, at, column } of tellings) {
    if (telling !== 'until' && telling !== 'gone' && telling !== 'leaving') continue;
    const text = cellText(cells[at]);
    const end = endIn(text);
    if (telling === 'until' && (end === undefined || end === 'ambiguous')) {
      const words =
        end === undefined
          ? `"${truncate(text, 40)}" is not a date; write it as 2027-01-31 or 2027-01-31T18:00:00Z`
          : `it is not certain which number of "${text}" is the month; write it as 2027-01-31`;
      problems.push({ words, kind: 'other', column });
    } else if (typeof end === 'object' && end.end < (earliest?.end ?? Number.POSITIVE_INFINITY)) earliest = end;
  }
  return earliest;
}

/** The address in a cell, without a name before it and without the sign that keeps a spreadsheet from running it. */
export function emailText(cell: unknown): string {
  const text = cellText(cell);
  return addressIn(/^'[=+\-@]/.test(text) ? text.slice(1) : text);
}

function emailIn(cell: unknown, rules: EmailRules): string {
  const email = emailText(cell);
  const problem = emailProblem(email, rules);
  if (problem === undefined) return email;
  const several = email.includes(' ::: ') || (/[,;]/.test(email) && splitAddresses(email).length > 1);
  const words = several ? 'it is more than one address' : problem;
  throw new CliError('invalid_email', email === '' ? 'the address is missing' : `"${truncate(email, 80)}": ${words}`);
}

const authTypeNames = Object.keys(authTypes) as AuthType[];

/** As other tools of Confluent name them. */
const otherNames: ReadonlyMap<string, AuthType> = new Map([
  ['username/password', 'local'],
  ['single sign-on', 'sso'],
]);

/** Throws `usage` unless it is sso or local. */
export function authTypeIn(cell: unknown): AuthType | undefined {
  const text = cellText(cell);
  // Other values of the API say how somebody signs in whose type cannot be chosen.
  if (text === '' || text === '-' || text.startsWith('AUTH_TYPE_')) {
    return authTypeNames.find((one) => authTypes[one] === text);
  }
  const small = text.toLowerCase();
  const name = authTypeNames.find((one) => one === small) ?? otherNames.get(small);
  if (name !== undefined) return name;
  throw new CliError('usage', `"${text}" is not an auth_type; it is sso or local`);
}

/** An array of names, or of bindings as in the results of invite, as the text of a table cell. */
export function rolesText(cell: unknown): string {
  if (!Array.isArray(cell)) return cellText(cell);
  return cell.map(roleText).join(' ');
}

function roleText(item: unknown): string {
  if (!(item instanceof Mapping)) return cellText(item);
  const name = cellText(item.get('role_name') ?? item.get('role'));
  const scope = cellText(item.get('crn_pattern') ?? item.get('scope')) || placeText(item);
  return scope === '' ? name : `${name}@${scope}`;
}

/** Where a role is, by other keys of its object. What narrows it and is not understood is shown, and is no scope then. */
function placeText(item: Mapping): string {
  const parts = item.keys.map((key) => scopeParts.find((part) => part === fieldOf(key)));
  const isNarrower = (key: string, at: number) =>
    parts[at] === undefined && (likelyPlace(key) !== undefined || (tellingIn(key) ?? likelyTelling(key)) === 'until');
  const isUnclear = item.keys.some((key, at) => isNarrower(key, at) && cellText(item.values[at]) !== '');
  try {
    if (!isUnclear)
      return (
        scopeIn(
          item.values,
          parts.flatMap((part, at) => (part === undefined ? [] : [{ part, at }])),
        ) ?? ''
      );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  return cellText(item).replace(/[\s,;|@]+/g, '_');
}

/** `DataDiscovery on environment=env-abc`, as the tables of invite write it. */
const placed = /\b([A-Za-z]\w*) on (the organization|[a-z-]+=[^\s,;|]+)/g;

/** The roles in a text, separated by spaces, commas, semicolons or bars. `?` says that they could not be read. */
export function roleWords(text: string): string[] {
  if (text === '?') return [];
  return text
    .replace(placed, (_, name, place) =>
      place === 'the organization' ? name : `${name}@${shortPlace(place) ?? place}`,
    )
    .split(/[\s,;|]+/)
    .filter((word) => word !== '');
}

interface FoundRoles {
  readonly text: string;
  /** That of the roles without one. */
  readonly scope: string | undefined;
  /** Whether the file has roles of its own, which its scopes are about. */
  readonly isOwn: boolean;
}

/** @param forAll The roles that everybody gets. */
function rolesIn({ text, scope, isOwn }: FoundRoles, forAll: readonly Role[]): readonly Role[] {
  const placed = (word: string) => (scope === undefined || word.includes('@') ? word : `${word}@${scope}`);
  const own = roleWords(text).map((word) => parseRole(placed(word)));
  if (scope !== undefined && isOwn && own.length === 0) throw new CliError('usage', `the scope "${scope}" has no role`);
  const narrowed = scope === undefined || isOwn ? forAll : forAll.map((role) => parseRole(placed(formatRole(role))));
  return [...narrowed, ...own];
}
