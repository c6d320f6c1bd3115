/** Which column holds what; undefined where there is none. */
export interface ColumnMapping {
  readonly email: number | undefined;
  readonly role: number | undefined;
  readonly scope: number | undefined;
  readonly authType: number | undefined;
}

/** The names that a column is known by, the surest first: where there are several, the others are only carried along. */
const names = {
  email: ['email', 'mail', 'emailaddress', 'user'],
  role: ['role', 'roles'],
  scope: ['scope'],
  authType: ['authtype'],
} as const;

/** What the file may call its columns, for people. */
export const knownColumns = 'email (or e-mail, mail, user), role (or roles), scope, auth_type';

/** `E-Mail`, `auth type` and `AUTH_TYPE` are what they look like. */
export function mapColumns(columns: readonly string[]): ColumnMapping {
  const plain = columns.map((column) => column.toLowerCase().replace(/[\s_-]+/g, ''));
  const place = (known: readonly string[]) => {
    const found = known.find((name) => plain.includes(name));
    return found === undefined ? undefined : plain.indexOf(found);
  };
  return {
    email: place(names.email),
    role: place(names.role),
    scope: place(names.scope),
    authType: place(names.authType),
  };
}

/** The columns that are only carried along. */
export function ignoredColumns(columns: readonly string[], meanings: ColumnMapping): string[] {
  const used = new Set(Object.values(meanings));
  return columns.filter((column, index) => !used.has(index) && column.trim() !== '');
}

/** A name that stands twice: nobody could say which of the two is meant. */
export function repeatedColumn(columns: readonly string[]): string | undefined {
  const plain = columns.map((column) => column.trim().toLowerCase());
  return columns.find((_, index) => plain[index] !== '' && plain.indexOf(plain[index] ?? '') < index);
}
