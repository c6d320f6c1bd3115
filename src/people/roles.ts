import { decodedCrn, formatRole, isInScope, parseRole, type Role, shortPlace } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import { likelyPlace } from './guess.ts';
import { fieldOf, resourceKinds, type ScopePart, scopeParts, words } from './headings.ts';
import type { Column } from './profile.ts';

function partIn(text: string): ScopePart | undefined {
  if (/^env-[A-Za-z0-9]+$/.test(text)) return 'environment';
  if (/^(?:lkc|lsrc|lksqlc)-[A-Za-z0-9]+$/.test(text)) return 'cluster';
  if (/^crn:\/\/\S+$/.test(text) || /^env-[A-Za-z0-9]+\/\S+$/.test(text)) return 'scope';
  if (/^environment=\S+$/.test(text)) return 'scope';
  return /^[a-z][a-z-]*=\S+$/i.test(text) ? 'resource' : undefined;
}

/** The part of a scope that a column holds: by its heading, or by cells that can be nothing else. */
export function partOf({ field, telling, values }: Column): ScopePart | undefined {
  if (values.size === 0) return undefined;
  if (field !== undefined || telling !== undefined) return scopeParts.find((one) => one === field);
  const [only, ...more] = new Set([...values.keys()].map(partIn));
  return more.length === 0 && only !== 'resource' ? only : undefined;
}

/** Headings that name a part of a scope where another column holds another one. */
export const partsBeside: readonly (readonly [ReadonlySet<string>, ScopePart, others: readonly ScopePart[]])[] = [
  [words('name'), 'resource_name', ['resource_type']],
  [words('tema,temas,sujet,sujets,Thema,Themen,thème,assunto,argomento,onderwerp'), 'topic', ['scope', 'cluster']],
  [words('group,groups,Gruppe,groupe,grupo,gruppo,groep,grupa,グループ'), 'group', ['scope', 'cluster', 'environment']],
];

export function notParts({ values }: Column): string[] {
  return [...values.keys()].filter((text) => partIn(text) === undefined);
}

/** Whether every cell can be the part of a scope that its heading names. */
export function isOfPart(column: Column, part: ScopePart): boolean {
  const isChecked = part === 'scope' || part === 'environment' || part === 'cluster';
  return !isChecked || notParts(column).every((text) => text === '-' || text === '*');
}

/** Whether its heading may name what the roles are for, beside the parts that were found. */
export function mayNarrow({ heading, values, telling, field }: Column, has: (part: ScopePart) => boolean): boolean {
  if (values.size === 0 || telling !== undefined || field !== undefined) return false;
  const place = likelyPlace(heading);
  if (place === 'resource') return !resourceKinds.some(has) && !has('resource') && !has('resource_name');
  return place !== undefined && !has(place) && (place === 'scope' || !has('scope'));
}

/** Whether a text is the name of a user, or of an invitation, rather than of a place. */
export function isOfPerson(text: string): boolean {
  return /^crn:\/\/\S*\/(?:user|invitation|service-account)=[^/\s]*$/.test(text);
}

/** The scope of texts: of one, or of environment, cluster and resource together. Throws `usage`. */
export function scopeOf(texts: readonly (readonly [part: ScopePart, text: string])[]): string | undefined {
  const parts = new Map<ScopePart, string>();
  for (const [part, text] of texts) {
    if (text === '' || text === '-') continue;
    // `env-abc` in a column that is called "scope" or "Bereich" is an environment all the same.
    const kind = part === 'scope' ? (partIn(text) ?? 'scope') : part;
    const before = parts.get(kind) ?? text;
    if (before !== text) throw contrary(before, text);
    parts.set(kind, text);
  }
  const whole = parts.get('scope');
  if (whole === undefined) return joinedScope(parts);
  const small = decodedCrn(whole).toLowerCase();
  for (const [part, text] of parts)
    if (part !== 'pattern' && text !== '*' && !small.includes(decodedCrn(text).toLowerCase()))
      throw contrary(whole, text);
  return shortPlace(whole) ?? whole;
}

/** What narrows a role is never left out. */
function contrary(one: string, other: string): CliError {
  return new CliError('usage', `"${one}" and "${other}" are different scopes; keep one of them`);
}

function joinedScope(parts: ReadonlyMap<ScopePart, string>): string | undefined {
  const environment = parts.get('environment');
  const cluster = parts.get('cluster');
  const resource = resourceIn(parts);
  if (environment === undefined && cluster === undefined) {
    if (resource === undefined) return undefined;
    throw new CliError('usage', `"${resource}" is not a scope without its environment and cluster`);
  }
  if (environment === undefined) throw new CliError('usage', `"${cluster}" is not a scope without its environment`);
  if (cluster === undefined && resource !== undefined)
    throw new CliError('usage', `"${resource}" is not a scope without its cluster`);
  return [environment, cluster, resource].filter((part) => part !== undefined).join('/');
}

/** `topic=orders`, from a type and a name or from a column of its own, with `*` for a prefix. */
function resourceIn(parts: ReadonlyMap<ScopePart, string>): string | undefined {
  const type = parts.get('resource_type');
  const name = parts.get('resource_name');
  const whole = parts.get('resource');
  const star = isPrefix(parts.get('pattern')) ? '*' : '';
  const found = new Set<string>();
  const add = (kind: string, text: string) => {
    const known = resourceKinds.find((one) => one === fieldOf(kind)) ?? kind.toLowerCase();
    found.add(`${known}=${text.endsWith('*') ? text : `${text}${star}`}`);
  };
  const [, kind, text] = /^([^=:]+?)\s*[:=]\s*(.+)$/s.exec(whole ?? '') ?? [];
  if (kind !== undefined && text !== undefined) add(kind, text);
  else if (whole !== undefined) throw new CliError('usage', `the resource "${whole}" is not of the form topic=orders`);
  // As Confluent's CLI lists what is bound to the Kafka of a cluster: `Cluster` and `kafka-cluster`.
  const kafka = type !== undefined && fieldOf(type) === 'cluster' ? parts.get('cluster') : undefined;
  if (kafka !== undefined) add('kafka', kafka);
  else if (type !== undefined && name !== undefined) add(type, name);
  for (const one of resourceKinds) {
    const own = parts.get(one);
    if (own !== undefined) add(one, nameIn(one, own));
  }
  const [first, second] = found;
  if (first !== undefined && second !== undefined) throw contrary(first, second);
  if (name !== undefined && type === undefined && !first?.endsWith(`=${name}${star}`))
    throw new CliError('usage', `the resource "${name}" has no type such as topic`);
  if (type !== undefined && first === undefined) throw new CliError('usage', `the ${type} has no name`);
  return first;
}

function isPrefix(pattern = 'literal'): boolean {
  const small = pattern.toLowerCase();
  if (small === 'literal' || small === 'prefixed') return small === 'prefixed';
  throw new CliError('usage', `"${pattern}" is not a pattern type; it is LITERAL or PREFIXED`);
}

/** The name in `orders` or `topic=orders`. */
function nameIn(kind: string, text: string): string {
  if (/[\s,;]/.test(text)) throw new CliError('usage', `"${text}" is not one ${kind}; write a row for each`);
  return text.startsWith(`${kind}=`) ? text.slice(kind.length + 1) : text;
}

/** Whether a text names, among other words, something that a role can be for. */
export function namesPart(text: string): boolean {
  return /\b(?:env|lkc|lsrc|lksqlc)-[a-z0-9]{3,}\b|\bcrn:\/\/|\b(?:topic|subject|group|transactional-id|connector|environment|cloud-cluster|kafka|schema-registry|ksql)=\S|\b(?:only|nur|seulement|solo|solamente|somente|soltanto|alleen|tylko)\b.*(?:topics?|clusters?|env|environments?|umgebung|entorno|ambiente|environnement)\b/i.test(
    text,
  );
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

interface WrittenRoles {
  readonly text: string;
  /** That of the roles without one. */
  readonly scope: string | undefined;
  /** Whether the file has roles of its own, which its scopes are about. */
  readonly isOwn: boolean;
}

/** @param forAll The roles that everybody gets. Throws `usage`. */
export function rolesIn({ text, scope, isOwn }: WrittenRoles, forAll: readonly Role[]): readonly Role[] {
  const own = roleWords(text).map((word) => parseRole(withScope(word, scope)));
  const isUsed = scope === undefined || !isOwn || own.some((role) => isInScope(role.scope ?? '', scope));
  if (!isUsed) throw new CliError('usage', `the scope "${scope}" has no role`);
  const narrowed = forAll.map((role) => parseRole(withScope(formatRole(role), isOwn ? undefined : scope)));
  return mergeRoles(narrowed, own);
}

/** A role with the scope of its row, unless it has one of its own. Throws `usage` if that of the row would narrow it. */
function withScope(word: string, scope: string | undefined): string {
  const at = word.indexOf('@');
  if (scope === undefined) return word;
  if (at < 0) return `${word}@${scope}`;
  const own = word.slice(at + 1);
  if (isInScope(scope, own) && !isInScope(own, scope)) throw contrary(own, scope);
  return word;
}

export function mergeRoles(first: readonly Role[], more: readonly Role[]): readonly Role[] {
  return [...new Map([...first, ...more].map((role) => [formatRole(role), role])).values()];
}

/** Different names of roles in a column; one with more of them is of something else, as names of people. */
const mostNames = 200;

/** The names of roles that the cells of a column may be; undefined if they cannot be roles. */
export function roleNames({ values }: Column): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const text of values.keys()) {
    for (const word of text === '-' ? [] : roleWords(text)) names.add(word.replace(/@.*/s, ''));
    if (names.size > mostNames) return undefined;
  }
  return names;
}
