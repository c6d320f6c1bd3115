import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';

/** The fields that a column can contain. */
const columnFields = ['email', 'role', 'scope', 'auth_type'] as const;

type ColumnField = (typeof columnFields)[number];

/** The index of the column of each field; undefined if there is none. */
export interface ColumnMapping {
  readonly email: number | undefined;
  readonly role: number | undefined;
  readonly scope: number | undefined;
  readonly authType: number | undefined;
}

/** The heading of the column for each field in `--columns`; empty if no column contains the field. */
export type ColumnHeadings = ReadonlyMap<ColumnField, string>;

/** Reads `email="E-Mail-Adresse",role=Rolle`. Throws `usage` on anything else. */
export function parseColumns(text: string, before: ColumnHeadings = new Map()): ColumnHeadings {
  const headings = new Map(before);
  const pair = /\s*([^=,"]+?)\s*=\s*(?:"((?:[^"]|"")*)"|([^",]*?))\s*(?:,|$)/y;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null) throw notColumns(text);
    const [, name = '', quoted, plain = ''] = match;
    const field = columnFields.find((one) => one === name);
    if (field === undefined) {
      const [hint = `known: ${columnFields.join(', ')}`] = didYouMean(name, columnFields);
      throw new CliError('usage', `unknown field "${name}" in --columns`, { hints: [hint] });
    }
    if (headings.has(field)) throw new CliError('usage', `--columns names "${field}" twice`);
    headings.set(field, quoted?.replaceAll('""', '"') ?? plain);
  }
  if (headings.size === before.size) throw notColumns(text);
  return headings;
}

function notColumns(text: string): CliError {
  return new CliError('usage', `cannot read --columns "${text}"`, {
    reason: 'it is a list of field=heading',
    hints: [`--columns 'email="E-Mail-Adresse",role=Rolle'`],
  });
}

/** The mapping as typed on the command line. */
export function formatColumns(headings: ColumnHeadings): string {
  return [...headings]
    .map(
      ([field, heading]) => `${field}=${/[",]|^\s|\s$/.test(heading) ? `"${heading.replaceAll('"', '""')}"` : heading}`,
    )
    .join(',');
}

/**
 * The headings by which a column is recognized, the most certain first: those of Confluent and of exports from Google Workspace,
 * Microsoft Entra and Okta, then those of German, French, Spanish, Portuguese and Japanese spreadsheets. Of several
 * columns that could be meant, the others are ignored.
 */
const known: Readonly<Record<ColumnField, readonly string[]>> = {
  email: [
    ...['email', 'mail', 'email address', 'primary email', 'work email', 'user email', 'profile email'],
    ...['E-Mail-Adresse', 'Mailadresse', 'Adresse e-mail', 'Adresse mail', 'Courriel', 'Adresse électronique'],
    ...['Adresse de messagerie', 'Correo electrónico', 'Correo', 'Dirección de correo electrónico'],
    ...['Dirección de correo', 'Endereço de e-mail', 'Correio eletrónico', 'Endereço de correio eletrónico'],
    ...['メールアドレス', '電子メールアドレス', 'Eメールアドレス', '電子メール', 'Eメール', 'メール'],
    ...['user principal name', 'upn', 'login', 'user login', 'profile login', 'username', 'user'],
  ],
  role: ['role', 'roles', 'Rolle', 'Rollen', 'Rol', 'Função', 'Funções', 'Papel', 'Papéis', 'ロール', '役割'],
  scope: ['scope', 'Geltungsbereich', 'Portée', 'Ámbito', 'Alcance', 'Escopo', 'スコープ'],
  auth_type: [
    ...['auth type', 'authentication type', 'Authentifizierungstyp', "Type d'authentification"],
    ...['Tipo de autenticación', 'Tipo de autenticação', '認証タイプ', '認証方式'],
  ],
};

/** The recognized headings, for messages. */
export const knownColumns = 'email (or e-mail, mail, user), role (or roles), scope, auth_type';

/** Cached, since each object of a JSON file has its own headings, usually the same ones. */
const foldedHeadings = new Map<string, string>();

function foldHeading(heading: string): string {
  const before = foldedHeadings.get(heading);
  if (before !== undefined) return before;
  const result = foldedHeading(heading);
  if (foldedHeadings.size < 1000) foldedHeadings.set(heading, result);
  return result;
}

/** Without case, accents, spaces and punctuation; of `User name [userPrincipalName] Required`, the property. */
function foldedHeading(heading: string): string {
  const property = /\[(\w+)\](?:\s+required)?\s*$/i.exec(heading)?.[1];
  const isRemark = property === undefined || /^(?:required|optional)$/i.test(property);
  const name = isRemark ? heading.replace(/\[[\w ]*\]\s*$/, '') : property;
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-.:*'’()]+/g, '');
}

const folded = new Map(columnFields.map((field) => [field, known[field].map(foldHeading)]));

/** The column of each field: from `--columns`, otherwise by the recognized headings. */
export function mapColumns(columns: readonly string[], headings: ColumnHeadings = new Map()): ColumnMapping {
  const plain = columns.map(foldHeading);
  const place = (field: ColumnField) => {
    const named = headings.get(field);
    if (named !== undefined) return placeOf(named, columns);
    const name = folded.get(field)?.find((one) => plain.includes(one));
    return name === undefined ? undefined : plain.indexOf(name);
  };
  return { email: place('email'), role: place('role'), scope: place('scope'), authType: place('auth_type') };
}

/** The exact heading, otherwise one that differs only in case, accents, spaces or punctuation. */
function placeOf(heading: string, columns: readonly string[]): number | undefined {
  if (heading === '') return undefined;
  const exact = columns.findIndex((column) => column.trim() === heading.trim());
  const place = exact >= 0 ? exact : columns.findIndex((column) => foldHeading(column) === foldHeading(heading));
  return place < 0 ? undefined : place;
}

/** A heading in `--columns` that the file does not have. */
export function missingHeading(columns: readonly string[], headings: ColumnHeadings): string | undefined {
  return [...headings.values()].find((heading) => heading !== '' && placeOf(heading, columns) === undefined);
}

/** The columns that are not read. */
export function ignoredColumns(columns: readonly string[], mapping: ColumnMapping): string[] {
  const used = new Set(Object.values(mapping));
  return columns.filter((column, index) => !used.has(index) && column.trim() !== '');
}

/** A heading that appears twice, so that it is ambiguous. */
export function repeatedColumn(columns: readonly string[]): string | undefined {
  const plain = columns.map((column) => column.trim().toLowerCase());
  return columns.find((_, index) => plain[index] !== '' && plain.indexOf(plain[index] ?? '') < index);
}
