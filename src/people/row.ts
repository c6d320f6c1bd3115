import { addressIn, type EmailRules, emailProblem } from '../api/email.ts';
import { type AuthType, authTypes } from '../api/invitation.ts';
import { parseRole, type Role } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import type { ColumnMapping } from './columns.ts';
import { inOneLine } from './problems.ts';
import type { FileRecord } from './record.ts';

/** A person to invite: one row of a file. */
export interface Row {
  readonly line: number;
  readonly email: string;
  readonly authType: AuthType | undefined;
  readonly roles: readonly Role[];
}

interface Problem {
  readonly words: string;
  readonly kind: 'email' | 'other';
}

type ParsedRow = { readonly row: Row } | { readonly problems: readonly Problem[] };

/** Parses rows. Rows with the same roles share one array, since there may be a hundred thousand. */
export function rowParser(rules: EmailRules): (record: FileRecord, meanings: ColumnMapping) => ParsedRow {
  const known = new Map<string, readonly Role[]>();
  const share = (text: string, scope: string) => {
    const key = `${text}\n${scope}`;
    const roles = known.get(key) ?? rolesIn(text, scope);
    if (known.size < 1000) known.set(key, roles);
    return roles;
  };
  return ({ line, cells }, { email, role, scope, authType }) => {
    const problems: Problem[] = [];
    const attempt = <T>(read: () => T): T | undefined => {
      try {
        return read();
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        problems.push({ words: inOneLine(error), kind: error.code === 'invalid_email' ? 'email' : 'other' });
        return undefined;
      }
    };
    const at = (place: number | undefined) => (place === undefined ? '' : cells[place]);
    const row = {
      line,
      email: attempt(() => emailIn(at(email), rules)) ?? '',
      authType: attempt(() => authTypeIn(at(authType))),
      roles: attempt(() => share(rolesText(at(role)), cellText(at(scope)))) ?? [],
    };
    return problems.length === 0 ? { row } : { problems };
  };
}

/** A cell as text, as written to a file. */
export function cellText(cell: unknown): string {
  if (typeof cell === 'string') return cell.trim();
  if (cell === null || cell === undefined) return '';
  try {
    return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
  } catch {
    // Nested too deeply.
    return '…';
  }
}

/** The address in a cell, without a name before it. */
export function emailText(cell: unknown): string {
  return addressIn(cellText(cell));
}

function emailIn(cell: unknown, rules: EmailRules): string {
  const email = emailText(cell);
  const problem = emailProblem(email, rules);
  if (problem === undefined) return email;
  const shown = email.length > 80 ? `${email.slice(0, 80)}…` : email;
  throw new CliError('invalid_email', email === '' ? 'the address is missing' : `"${shown}": ${problem}`);
}

const authTypeNames = Object.keys(authTypes) as AuthType[];

/** Throws `usage` unless it is sso or local. */
export function authTypeIn(cell: unknown): AuthType | undefined {
  const text = cellText(cell);
  if (text === '') return undefined;
  const name = authTypeNames.find((one) => one === text.toLowerCase() || authTypes[one] === text.toUpperCase());
  if (name !== undefined) return name;
  throw new CliError('usage', `"${text}" is not an auth_type; it is sso or local`);
}

/** An array of names, or of bindings as in the results of invite, as the text of a table cell. */
function rolesText(cell: unknown): string {
  if (!Array.isArray(cell)) return cellText(cell);
  return cell
    .map((item: unknown) => (isBinding(item) ? `${item.role_name}@${item.crn_pattern}` : cellText(item)))
    .join(' ');
}

function isBinding(item: unknown): item is { role_name: string; crn_pattern: string } {
  return typeof item === 'object' && item !== null && 'role_name' in item && 'crn_pattern' in item;
}

/** The roles in a text, separated by spaces, commas, semicolons or bars. */
export function roleWords(text: string): string[] {
  return text.split(/[\s,;|]+/).filter((word) => word !== '');
}

/** @param scope The scope of roles without one. */
function rolesIn(text: string, scope: string): readonly Role[] {
  const words = roleWords(text);
  if (scope !== '' && words.length === 0) throw new CliError('usage', `the scope "${scope}" has no role`);
  return words.map((word) => parseRole(scope === '' || word.includes('@') ? word : `${word}@${scope}`));
}
