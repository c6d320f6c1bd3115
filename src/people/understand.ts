import { isKnownRole, resemblesRole } from '../api/roles.ts';
import { truncate } from '../text/sanitize.ts';
import {
  type ColumnField,
  type ColumnHeadings,
  emailRank,
  fieldOf,
  placeOf,
  type ScopePart,
  scopeParts,
  type Understood,
} from './columns.ts';
import { foldWord, isSecondary, type Telling } from './headings.ts';
import { isLeftAlone, likelyPlace, mostStates } from './likely.ts';
import { addressColumns, type ColumnProfile, type Profile } from './profile.ts';

/** What a file does not answer by itself. Each is asked at a terminal, and an error elsewhere. */
export interface Question {
  /** The field of `--columns` that answers it. */
  readonly field: ColumnField;
  readonly words: string;
  /** Columns that may be meant, the likeliest first, each with some of its cells. */
  readonly candidates: readonly { readonly heading: string; readonly examples: string }[];
  /** What `--columns` says if it is none of them: the heading of the present one, or nothing. */
  readonly otherwise?: string;
  /** Values of one column of which each has to be decided, with their number. */
  readonly values?: ReadonlyMap<string, number>;
}

interface UnderstandOptions {
  readonly headings: ColumnHeadings;
  /** Whether roles are granted that stand in no column, as those of `--role`. */
  readonly hasRoles: boolean;
  /** Whether it only matters who is in the file, since others are removed: then nobody is left out by a guess. */
  readonly ignoresRoles: boolean;
  /** Whether a name is one that somebody in the organization holds. */
  readonly isHeld: (name: string) => boolean;
  readonly allowUnknownRoles: boolean;
  readonly includeInactive: boolean;
  /** Decided values of columns that say who is there. */
  readonly decided: ReadonlySet<string>;
}

/** Decides what each column of a file holds, and what has to be asked. */
export function understand(
  profile: Profile,
  options: UnderstandOptions,
): { readonly understood: Understood; readonly questions: readonly Question[] } {
  const questions: Question[] = [];
  const ask = (question: Question) => questions.push(question);
  const email = emailColumn(profile, options, ask);
  const role = options.ignoresRoles ? undefined : roleColumn(profile, options, ask);
  const scope: ReadonlyMap<ScopePart, string> =
    role !== undefined || options.hasRoles
      ? scopeColumns(profile, { ...options, used: [email, role] }, ask)
      : new Map();
  const auth_type = named('auth_type', profile, options);
  const note = named('note', profile, options);
  const tellings = new Map(tellingColumns(profile, options, ask));
  const taken = [email, role, auth_type, ...scope.values(), ...tellings.keys()];
  for (const heading of columnsOfStates(profile, { ...options, used: taken }, ask)) tellings.set(heading, 'status');
  const used = new Set([email, role, auth_type, note, ...scope.values(), ...tellings.keys()]);
  const ignored = profile.columns.filter((column) => !used.has(column.heading) && !isEmptyField(column));
  const fields = { email, role, auth_type, note };
  const present = Object.fromEntries(Object.entries(fields).filter(([, heading]) => heading !== undefined));
  return { understood: { ...present, scope, tellings, ignored: ignored.map(({ heading }) => heading) }, questions };
}

/** Of a column that is read and has no cell, nothing is lost. */
function isEmptyField({ heading, filled, telling, isGuess }: ColumnProfile): boolean {
  return filled === 0 && (fieldOf(heading) !== undefined || (telling === 'until' && !isGuess));
}

type Ask = (question: Question) => void;

/** The column that `--columns` names, or that has a known heading. */
function named(field: 'auth_type' | 'note', profile: Profile, { headings }: UnderstandOptions): string | undefined {
  const told = headings.get(field);
  if (told !== undefined) return columnNamed(told, profile)?.heading;
  return profile.columns.find(({ heading }) => fieldOf(heading) === field)?.heading;
}

function columnNamed(heading: string, { columns }: Profile): ColumnProfile | undefined {
  return columns[
    placeOf(
      heading,
      columns.map((column) => column.heading),
    ) ?? -1
  ];
}

function emailColumn(profile: Profile, { headings }: UnderstandOptions, ask: Ask): string | undefined {
  const told = headings.get('email');
  if (told !== undefined) return columnNamed(told, profile)?.heading;
  const candidates = addressColumns(profile);
  const known = [...profile.columns]
    .filter(({ heading }) => emailRank(heading) !== undefined)
    .sort((a, b) => (emailRank(a.heading) ?? 0) - (emailRank(b.heading) ?? 0));
  const [first, ...more] = candidates;
  if (first === undefined) return known[0]?.heading;
  if (profile.isOurs) return 'email';
  const best = known.find((column) => candidates.includes(column));
  const isSole = more.length === 0 && (!isSecondary(first.heading) || known.length === 0);
  if (isSole && !(profile.isForm && first === best && candidates.length > 1)) return first.heading;
  const isSure = best !== undefined && !best.repeats && best.seen.size === profile.rows && !profile.isForm;
  if (isSure) return best.heading;
  const secondary = ({ heading }: ColumnProfile) =>
    Number(isSecondary(heading) || (profile.isForm && heading === best?.heading));
  ask({
    field: 'email',
    words: 'it is not certain which column has the addresses to invite',
    candidates: [...candidates].sort((a, b) => secondary(a) - secondary(b)).map(shown),
  });
  return first.heading;
}

function shown({ heading, examples }: ColumnProfile) {
  return { heading, examples: [...examples].slice(0, 3).join(', ') };
}

function roleColumn(profile: Profile, options: UnderstandOptions, ask: Ask): string | undefined {
  const { headings, allowUnknownRoles, isHeld } = options;
  const told = headings.get('role');
  if (told !== undefined) return columnNamed(told, profile)?.heading;
  const column = profile.columns.find(({ heading }) => fieldOf(heading) === 'role');
  const isRole = (name: string) => isKnownRole(name) || isHeld(name) || (name.length > 4 && resemblesRole(name));
  const names = [...(column?.roles?.keys() ?? [])];
  const isForeign =
    column !== undefined &&
    column.filled > 0 &&
    (column.roles === undefined || (names.length > 0 && !names.some(isRole)));
  if (isForeign && !allowUnknownRoles) {
    const words = `no value of the column "${column.heading}" is a role of Confluent (${shown(column).examples})`;
    ask({ field: 'role', words, candidates: [], otherwise: '' });
  }
  const others = profile.columns.filter(
    (other) => other !== column && fieldOf(other.heading) === undefined && areRoles(other, isRole),
  );
  if (others.length > 0 && !profile.isOurs) {
    const [first] = others;
    const words = `the column "${first?.heading}" looks like roles (${first === undefined ? '' : shown(first).examples})`;
    ask({
      field: 'role',
      words: `${words}, and nothing says whether to grant them`,
      candidates: others.map(shown),
      otherwise: column?.heading ?? '',
    });
  }
  return column?.heading;
}

function areRoles({ roles, filled }: ColumnProfile, isRole: (name: string) => boolean): boolean {
  return filled > 0 && roles !== undefined && roles.size > 0 && [...roles.keys()].every(isRole);
}

interface ScopeOptions extends UnderstandOptions {
  readonly used: readonly (string | undefined)[];
}

/** The columns that narrow the roles: by their headings, or by cells that are ids. */
function scopeColumns(profile: Profile, { headings, used }: ScopeOptions, ask: Ask): ReadonlyMap<ScopePart, string> {
  const told = headings.get('scope');
  if (told !== undefined) {
    const column = columnNamed(told, profile);
    return new Map(column === undefined ? [] : [['scope', column.heading] as const]);
  }
  const found = new Map<ScopePart, ColumnProfile>();
  for (const column of profile.columns) {
    const part = used.includes(column.heading) ? undefined : partOf(column);
    if (part !== undefined && !found.has(part)) found.set(part, column);
  }
  if (found.has('resource_type') && !found.has('resource_name')) {
    const name = profile.columns.find(({ heading }) => foldWord(heading) === 'name');
    if (name !== undefined) found.set('resource_name', name);
  }
  for (const [part, column] of found) if (!isOfPart(column, part)) askScope(column, ask);
  const rest = profile.columns.filter(
    (column) => !used.includes(column.heading) && ![...found.values()].includes(column),
  );
  for (const column of profile.isOurs ? [] : rest) {
    const place = fieldOf(column.heading) === undefined && column.telling === undefined && likelyPlace(column.heading);
    const isNarrower = column.filled > 0 && place && !found.has(place) && (place === 'scope' || !found.has('scope'));
    if (column.part !== undefined && !isLeftAlone(column.heading)) askScope(column, ask, column.part);
    else if (isNarrower) askScope(column, ask);
  }
  const sorted = scopeParts.filter((part) => found.has(part));
  return new Map(sorted.map((part) => [part, found.get(part)?.heading ?? '']));
}

function partOf({ heading, parts, filled, telling }: ColumnProfile): ScopePart | undefined {
  const field = fieldOf(heading);
  const part = scopeParts.find((one) => one === field);
  if (part !== undefined) return filled > 0 ? part : undefined;
  if (field !== undefined || telling !== undefined || filled === 0 || parts === undefined) return undefined;
  // Under any other heading, only what can be nothing else.
  const [only, ...more] = parts;
  return more.length === 0 && only !== 'resource' ? only : undefined;
}

/** Whether every cell can be the part of a scope that its heading names. */
function isOfPart({ parts, notParts }: ColumnProfile, part: ScopePart): boolean {
  const isNothing = [...notParts].every((text) => text === '-' || text === '*');
  switch (part) {
    case 'resource':
    case 'resource_type':
    case 'resource_name':
    case 'topic':
    case 'pattern':
      return true;
    case 'scope':
    case 'environment':
    case 'cluster':
      return parts !== undefined || isNothing;
    default:
      throw new Error(`no such part: ${part satisfies never}`);
  }
}

function askScope(column: ColumnProfile, ask: Ask, part?: string): void {
  const { heading, notParts } = column;
  const values = [...notParts].slice(0, 3).join(', ');
  const why =
    part === undefined ? `and ${values} is no id such as env-abc or lkc-123` : `as "${truncate(part, 80)}" does`;
  ask({
    field: 'scope',
    words: `the column "${heading}" may say what the roles are for, ${why}`,
    candidates: [],
    otherwise: '',
  });
}

/** Headings that name a part of a country in exports of addresses. */
const places: ReadonlySet<string> = new Set(['state', 'estado', 'etat', '状態']);

function tellingColumns(
  profile: Profile,
  { includeInactive, decided, ignoresRoles }: UnderstandOptions,
  ask: Ask,
): ReadonlyMap<string, Telling> {
  const tellings = new Map<string, Telling>();
  const telling = profile.columns.filter(
    (column) =>
      column.telling !== undefined && column.filled > 0 && isLikely(column) && !(ignoresRoles && column.isGuess),
  );
  const undecided = ({ unknown }: ColumnProfile) => [...unknown].filter(([value]) => !decided.has(value));
  const isSure = (column: ColumnProfile) => column.telling !== 'until' && column.unknown.size === 0;
  for (const column of telling) {
    if (column.telling === undefined || (profile.isOurs && column.telling === 'until')) continue;
    const isPlace = places.has(foldWord(column.heading)) && telling.some((other) => other !== column && isSure(other));
    const values = undecided(column);
    if (isPlace && values.length > 0) continue;
    tellings.set(column.heading, column.telling);
    if (values.length === 0 || includeInactive) continue;
    const list = values.slice(0, 5).map(([value]) => `"${value}"`);
    ask({
      field: 'status',
      words: `the column "${column.heading}" may say who is no longer there, and ${list.join(', ')} is not known`,
      candidates: [],
      otherwise: '',
      values: new Map(values),
    });
  }
  return tellings;
}

/** A guess by a heading counts as an end if it has days, else if its cells can be states. */
function isLikely({ isGuess, telling, states, unknown, filled }: ColumnProfile): boolean {
  if (!isGuess || telling === 'leaving') return !isGuess || unknown.size <= mostStates;
  if (telling === 'until') return states.dates > 0;
  const areNumbers = [...unknown.keys()].every((value) => /^\d/.test(value));
  return (
    states.dates < filled && unknown.size <= mostStates && !(telling === 'active' && unknown.size > 0 && areNumbers)
  );
}

/** Columns that say by their cells who is gone: read if each of them is a state, else asked about. */
function columnsOfStates(
  profile: Profile,
  { headings, includeInactive, ignoresRoles, used }: ScopeOptions,
  ask: Ask,
): string[] {
  if (headings.has('status') || includeInactive || ignoresRoles || profile.isOurs) return [];
  const free = profile.columns.filter(({ heading }) => !used.includes(heading) && !isLeftAlone(heading));
  for (const column of free) {
    const { heading, states } = column;
    if (states.areStates || states.remark === undefined) continue;
    ask({
      field: 'status',
      words: `the column "${heading}" may say who is no longer there ("${truncate(states.remark, 60)}")`,
      candidates: [shown(column)],
      otherwise: '',
    });
  }
  return free.filter(({ states }) => states.areStates).map(({ heading }) => heading);
}
