import { CliError } from '../errors.ts';
import { didYouMean } from '../text/suggest.ts';
import { foldHeading, type Telling, tellingOf, words } from './headings.ts';

/** The fields that `--columns` may name. */
const columnFields = ['email', 'role', 'scope', 'auth_type', 'status', 'until', 'note'] as const;

export type ColumnField = (typeof columnFields)[number];

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

/** What of a scope a column holds: the whole, or a part of it. */
export type ScopePart =
  | 'scope'
  | 'environment'
  | 'cluster'
  | 'resource'
  | 'resource_type'
  | 'resource_name'
  | 'topic'
  | 'pattern';

type KnownField = 'email' | 'role' | 'auth_type' | 'note' | ScopePart;

/**
 * The headings by which a column is recognized, the most certain first: those of Confluent and of exports from Google Workspace,
 * Microsoft Entra and Okta, then those of spreadsheets in other languages.
 */
const known: Readonly<Record<KnownField, ReadonlySet<string>>> = {
  email: words(
    'email,mail,email address,primary email,work email,user email,profile email,email primary work,primary work email',
    'business email,corporate email,company email,official email,email work,work email address,invitee email',
    'E-Mail-Adresse,Mailadresse,E-Mail (geschäftlich),Adresse e-mail,Adresse mail,Courriel,Adresse électronique',
    'Adresse de messagerie,Correo electrónico,Correo,Dirección de correo electrónico',
    'Dirección de correo,Endereço de e-mail,Correio eletrónico,Correio eletrônico,Endereço de correio eletrónico',
    'メールアドレス,電子メールアドレス,Eメールアドレス,電子メール,Eメール,メール',
    'Indirizzo e-mail,Indirizzo di posta elettronica,Posta elettronica,E-mailadres,E-mailadres werk,Adres e-mail',
    'user principal name,upn,login,user login,profile login,username,user',
  ),
  role: words(
    'role,roles,role name,Rolle,Rollen,Rol,Rôle,Rôles,Função,Funções,Papel,Papéis,Ruolo,Ruoli,Rola,ロール,役割',
  ),
  scope: words(
    'scope,crn pattern,crn,Geltungsbereich,Bereich,Portée,Ámbito,Alcance,Escopo,Périmètre,Bereik,Zakres,スコープ,範囲',
  ),
  environment: words(
    'environment,env,environment id,env id,Umgebung,Umgebungs-ID,Environnement,Entorno,Ambiente,Omgeving,Środowisko,環境,環境ID',
  ),
  cluster: words(
    'cluster,cloud cluster,cloud cluster id,cluster id,kafka cluster,kafka cluster id,logical cluster,lkc,クラスター',
    'schema registry,schema registry id,schema registry cluster,ksql cluster,ksqldb cluster,Grappe,Clúster,クラスタ',
  ),
  resource: words('resource,Ressource,Recurso,リソース'),
  resource_type: words('resource type,Ressourcentyp,type de ressource,tipo de recurso,リソースタイプ'),
  resource_name: words('resource name,resource id,Ressourcenname,nom de ressource,nombre de recurso,nome do recurso'),
  topic: words('topic,topics,topic name,kafka topic,kafka topics,topics kafka,トピック'),
  pattern: words('pattern type,prefix'),
  auth_type: words(
    'auth type,authentication type,authentication method,Authentifizierungstyp,Type d’authentification',
    'Tipo de autenticación,Tipo de autenticação,認証タイプ,認証方式',
  ),
  note: words('note,Notiz,Bemerkung,Nota,備考'),
};

/** The recognized headings, for messages. */
export const knownColumns = 'email (or e-mail, mail, user), role (or roles), scope, auth_type';

/** Parts of a scope, the largest first; one that holds all of it goes before them. */
export const scopeParts: readonly ScopePart[] = [
  'scope',
  'environment',
  'cluster',
  'resource',
  'resource_type',
  'resource_name',
  'topic',
  'pattern',
];

/** How certain it is that a heading is one of addresses: 0 is the most; undefined if it is none that is known. */
export function emailRank(heading: string): number | undefined {
  const rank = [...known.email].indexOf(foldHeading(heading));
  return rank < 0 ? undefined : rank;
}

export function isEmailHeading(heading: string): boolean {
  return known.email.has(foldHeading(heading));
}

/** What a column holds by its heading, beside addresses. */
export function fieldOf(heading: string): Exclude<KnownField, 'email'> | undefined {
  const folded = foldHeading(heading);
  return (Object.keys(known) as KnownField[]).find(
    (field): field is Exclude<KnownField, 'email'> => field !== 'email' && known[field].has(folded),
  );
}

/** The exact heading, otherwise one that differs only in case, accents, spaces or punctuation. */
export function placeOf(heading: string, columns: readonly string[]): number | undefined {
  if (heading === '') return undefined;
  const exact = columns.findIndex((column) => column.trim() === heading.trim());
  const place = exact >= 0 ? exact : columns.findIndex((column) => foldHeading(column) === foldHeading(heading));
  return place < 0 ? undefined : place;
}

/** Which columns of a file hold what, by their headings. */
export interface Understood {
  readonly email?: string;
  readonly role?: string;
  readonly auth_type?: string;
  readonly note?: string;
  readonly scope: ReadonlyMap<ScopePart, string>;
  /** Those that say whether somebody is to be invited at all. */
  readonly tellings: ReadonlyMap<string, Telling>;
  /** Columns that nothing is read from. */
  readonly ignored: readonly string[];
}

/** The same for a row: where each is. */
export interface ColumnMapping {
  readonly email: number | undefined;
  readonly role: number | undefined;
  readonly authType: number | undefined;
  readonly note: number | undefined;
  readonly scope: readonly { readonly part: ScopePart; readonly at: number }[];
  readonly tellings: readonly { readonly telling: Telling; readonly at: number; readonly column: string }[];
}

export function mappingOf(columns: readonly string[], understood: Understood): ColumnMapping {
  const at = (heading: string | undefined) => (heading === undefined ? undefined : placeOf(heading, columns));
  const present = <T>(heading: string, make: (at: number) => T): T[] => {
    const place = columns.indexOf(heading);
    return place < 0 ? [] : [make(place)];
  };
  return {
    email: at(understood.email),
    role: at(understood.role),
    authType: at(understood.auth_type),
    note: at(understood.note),
    scope: [...understood.scope].flatMap(([part, heading]) => present(heading, (place) => ({ part, at: place }))),
    tellings: [...understood.tellings].flatMap(([column, telling]) =>
      present(column, (place) => ({ telling, at: place, column })),
    ),
  };
}

/** A heading that appears twice, so that it is ambiguous. */
export function repeatedColumn(columns: readonly string[]): string | undefined {
  const plain = columns.map((column) => column.trim().toLowerCase());
  return columns.find((_, index) => plain[index] !== '' && plain.indexOf(plain[index] ?? '') < index);
}

/** What a heading tells, unless it holds a field: `resource type` is no kind of account. */
export function tellingIn(heading: string): Telling | undefined {
  return fieldOf(heading) === undefined ? tellingOf(heading) : undefined;
}
