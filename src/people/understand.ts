import { isKnownRole, type Role, resemblesRole } from '../api/roles.ts';
import { truncate } from '../text/sanitize.ts';
import type { ColumnField, ColumnHeadings } from './columns.ts';
import {
  emailRank,
  fieldOf,
  foldWord,
  headingAmong,
  isLeftAlone,
  isOfConsent,
  isOfRights,
  isRemark,
  isSecondary,
  likelyPlace,
  resourceKinds,
  type ScopePart,
  scopePartOf,
  scopeParts,
  type Telling,
  words,
} from './headings.ts';
import { type Column, type ColumnPlace, isAddress, type Profile } from './profile.ts';
import { namesPart, partIn, roleWords } from './roles.ts';
import { endIn, isOnlyWhether, standingIn } from './values.ts';

/** Which columns of a file hold what; without their cells, which take the memory of the file once more. */
export interface Understood {
  readonly email?: ColumnPlace | undefined;
  readonly role?: ColumnPlace | undefined;
  readonly auth_type?: ColumnPlace | undefined;
  readonly note?: ColumnPlace | undefined;
  readonly scope: ReadonlyMap<ScopePart, ColumnPlace>;
  /** Those that say whether somebody is to be invited at all. */
  readonly tellings: ReadonlyMap<ColumnPlace, Telling>;
  /** Headings of columns that nothing is read from. */
  readonly ignored: readonly string[];
}

/** What a file does not answer by itself. Each is asked at a terminal, and an error elsewhere. */
export interface Question {
  /** The field of `--columns` that answers it. */
  readonly field: ColumnField;
  readonly words: string;
  readonly choices: readonly Choice[];
  /** Another flag that answers it. */
  readonly hint?: string;
  /** The column of which each of these values, with their number, has to be decided. */
  readonly undecided?: { readonly column: Column; readonly values: ReadonlyMap<string, number> };
}

/** What `--columns` may say for the field, the likeliest first. */
interface Choice {
  /** Empty to read the field from no column. */
  readonly heading: string;
  /** Asked at a terminal; without one it is what remains when nothing else was chosen. */
  readonly question?: string;
  /** What it does. */
  readonly hint: string;
}

/** What the columns of a file are read for. */
export interface ColumnRules {
  /** Granted to everybody; the scope of a row narrows those without one. */
  readonly roles?: readonly Role[];
  /** Reads no roles, since it only matters who is in the file, and others are removed: nobody is left out by a guess. */
  readonly ignoresRoles?: boolean;
  readonly allowUnknownRoles?: boolean;
  readonly includeInactive?: boolean;
}

interface UnderstandOptions extends ColumnRules {
  readonly headings: ColumnHeadings;
  /** Names of roles that are not predefined, and that somebody in the organization holds. */
  readonly held: ReadonlySet<string>;
  readonly answers: Answers;
}

/** Values of columns, by `answerKey`, as they were decided: whether somebody with it is not to be invited. */
export type Answers = ReadonlyMap<string, boolean>;

export function answerKey({ heading }: ColumnPlace, value: string): string {
  return JSON.stringify([heading, value]);
}

function placeOf({ heading, at }: Column): ColumnPlace {
  return { heading, at };
}

/** The number of cells of a kind. */
function count({ values }: Column, isOfKind: (text: string) => boolean): number {
  return [...values].reduce((sum, [text, rows]) => sum + (isOfKind(text) ? rows : 0), 0);
}

/** Different names of roles in a column; one with more of them is of something else, as names of people. */
const mostNames = 200;

/** The names of roles that the cells of a column may be; undefined if they cannot be roles. */
function roleNames({ values }: Column): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const text of values.keys()) {
    for (const word of text === '-' ? [] : roleWords(text)) names.add(word.replace(/@.*/s, ''));
    if (names.size > mostNames) return undefined;
  }
  return names;
}

/** The column of the roles, by `--columns` or by its heading, and the names in it that are not predefined. */
export function unknownRoleNames({ columns }: Profile, headings: ColumnHeadings): string[] {
  const told = headings.get('role');
  const column =
    told === undefined ? columns.find(({ heading }) => fieldOf(heading) === 'role') : columnNamed(told, columns);
  const names = column === undefined ? [] : (roleNames(column) ?? []);
  return [...names].filter((name) => !isKnownRole(name) && /^[A-Za-z]\w*$/.test(name));
}

function columnNamed(wanted: string, columns: readonly Column[]): Column | undefined {
  const found = headingAmong(
    columns.map(({ heading }) => heading),
    wanted,
  );
  return columns.find(({ heading }) => heading === found);
}

/** Decides what each column of a file holds, and what has to be asked. */
export function understand(
  profile: Profile,
  options: UnderstandOptions,
): { readonly understood: Understood; readonly questions: readonly Question[] } {
  const judge = new Judge(profile, options);
  return { understood: judge.understood(), questions: judge.questions };
}

class Judge {
  readonly questions: Question[] = [];
  readonly #profile: Profile;
  readonly #columns: readonly Column[];
  readonly #options: UnderstandOptions;
  /** Columns that are read. */
  readonly #used = new Set<Column | undefined>();

  constructor(profile: Profile, options: UnderstandOptions) {
    this.#profile = profile;
    this.#columns = profile.columns;
    this.#options = options;
  }

  understood(): Understood {
    const { roles = [], ignoresRoles } = this.#options;
    const email = this.#use(this.#told('email', () => this.#email()));
    const role = ignoresRoles ? undefined : this.#use(this.#told('role', () => this.#role()));
    const scope = role !== undefined || roles.length > 0 ? this.#scope() : new Map<ScopePart, Column>();
    const auth_type = this.#use(this.#told('auth_type', () => this.#ofField('auth_type')));
    const tellings = this.#tellings();
    for (const column of [...scope.values(), ...tellings.keys()]) this.#use(column);
    for (const column of this.#states()) tellings.set(column, 'status');
    const note = this.#use(this.#told('note', () => this.#ofField('note')));
    for (const column of tellings.keys()) this.#use(column);
    const ignored = this.#free().filter((column) => !isEmptyField(column));
    return {
      email: email && placeOf(email),
      role: role && placeOf(role),
      auth_type: auth_type && placeOf(auth_type),
      note: note && placeOf(note),
      scope: new Map([...scope].map(([part, column]) => [part, placeOf(column)])),
      tellings: new Map([...tellings].map(([column, telling]) => [placeOf(column), telling])),
      ignored: ignored.map(({ heading }) => heading),
    };
  }

  #use(column: Column | undefined): Column | undefined {
    this.#used.add(column);
    return column;
  }

  #free(): Column[] {
    return this.#columns.filter((column) => !this.#used.has(column));
  }

  /** The column that `--columns` names, if it says anything about the field. */
  #told(field: ColumnField, otherwise: () => Column | undefined): Column | undefined {
    const heading = this.#options.headings.get(field);
    return heading === undefined ? otherwise() : columnNamed(heading, this.#columns);
  }

  #ofField(field: 'role' | 'auth_type' | 'note'): Column | undefined {
    return this.#columns.find(({ heading }) => fieldOf(heading) === field);
  }

  #email(): Column | undefined {
    const { rows, isOurs, isForm } = this.#profile;
    const rank = ({ heading }: Column) => emailRank(heading) ?? Number.POSITIVE_INFINITY;
    const known = this.#columns.filter((column) => Number.isFinite(rank(column))).sort((a, b) => rank(a) - rank(b));
    const candidates = this.#columns.filter((column) => {
      const addresses = fieldOf(column.heading) === undefined ? count(column, isAddress) : 0;
      return addresses * 2 > column.filled || (addresses > 0 && known.includes(column));
    });
    const [first, ...more] = candidates;
    if (first === undefined) return known[0];
    if (isOurs) return this.#columns.find(({ heading }) => heading === 'email');
    if (more.length === 0 && (!isSecondary(first.heading) || known.length === 0)) return first;
    const best = known.find((column) => candidates.includes(column));
    // In every row another one.
    if (best?.addresses.size === rows && !isForm) return best;
    const isLast = (column: Column) => Number(isSecondary(column.heading) || (isForm && column === best));
    const sorted = [...candidates].sort((a, b) => isLast(a) - isLast(b)).map(shown);
    const list = sorted.map(({ heading, examples }) => `"${heading}" (${examples})`);
    this.questions.push({
      field: 'email',
      words: `it is not certain which column has the addresses to invite: ${list.join(', ')}`,
      choices: sorted.map(({ heading, examples }) => ({
        heading,
        question: `invite the addresses in "${heading}" (${examples})?`,
        hint: `takes ${examples}`,
      })),
    });
    return first;
  }

  #role(): Column | undefined {
    const { allowUnknownRoles, held, roles = [] } = this.#options;
    const isRole = (name: string) => isKnownRole(name) || held.has(name) || (name.length > 4 && resemblesRole(name));
    const column = this.#ofField('role');
    const names = column === undefined ? undefined : roleNames(column);
    const isForeign = names === undefined || (names.size > 0 && ![...names].some(isRole));
    if (column !== undefined && column.filled > 0 && isForeign && !allowUnknownRoles) {
      const words = `no value of the column "${column.heading}" is a role of Confluent (${shown(column).examples})`;
      const hint = '--allow-unknown-roles sends its values as they are';
      this.questions.push({ field: 'role', words, choices: [ignoring(words)], hint });
    }
    const others = this.#columns.filter((other) => {
      const own = fieldOf(other.heading) === undefined ? roleNames(other) : undefined;
      return own !== undefined && own.size > 0 && [...own].every(isRole);
    });
    if (this.#profile.isOurs) return column;
    if (others.length > 0) this.#askRole(others.map(shown), column?.heading);
    else if (column !== undefined || roles.length > 0) this.#askRights(column?.heading);
    return column;
  }

  /** What people may do in words of another program may be less than what the roles allow. */
  #askRights(known = ''): void {
    const isFree = ({ heading, telling, values }: Column) =>
      isOfRights(heading) && telling === undefined && ![...values.keys()].every(isOnlyWhether);
    const column = this.#free().find((one) => isFree(one) && !hasOnlyStates(one));
    if (column === undefined) return;
    const words = `the column "${column.heading}" may say what its people may do, which is not read (${shown(column).examples})`;
    this.questions.push({ field: 'role', words, choices: [{ ...ignoring(words), heading: known }] });
  }

  /** @param known The column that has a heading of roles. */
  #askRole(others: readonly ReturnType<typeof shown>[], known: string | undefined): void {
    const looksLike = ({ heading, examples }: ReturnType<typeof shown>) =>
      `the column "${heading}" looks like roles (${examples})`;
    const instead = known === undefined ? '' : ` instead of those in "${known}"`;
    const choices = others.map((other) => ({
      heading: other.heading,
      question: `${looksLike(other)}; grant them${instead}?`,
      hint: 'grants them',
    }));
    const words = `${others.slice(0, 1).map(looksLike)}, and nothing says whether to grant them`;
    this.questions.push({
      field: 'role',
      words,
      choices: [...choices, { heading: known ?? '', hint: 'ignores them' }],
    });
  }

  /** The columns that narrow the roles: by their headings, or by cells that are ids. */
  #scope(): ReadonlyMap<ScopePart, Column> {
    if (this.#options.headings.has('scope')) {
      const column = this.#told('scope', () => undefined);
      return new Map(column === undefined ? [] : [['scope', column]]);
    }
    const free = this.#free();
    const found = new Map<ScopePart, Column>();
    for (const column of free) {
      const part = partOf(column);
      if (part !== undefined && !found.has(part)) found.set(part, column);
    }
    for (const [name, part, others] of partsBeside) {
      const column = free.find(({ heading, filled }) => name.has(foldWord(heading)) && filled > 0);
      if (column !== undefined && !found.has(part) && others.some((other) => found.has(other))) found.set(part, column);
    }
    for (const [part, column] of found) if (!isOfPart(column, part)) this.#askScope(column);
    const rest = this.#profile.isOurs ? [] : free.filter((column) => ![...found.values()].includes(column));
    for (const column of rest) {
      const named = isLeftAlone(column.heading) ? undefined : [...column.values.keys()].find(namesPart);
      if (named !== undefined || mayNarrow(column, found)) this.#askScope(column, named);
    }
    return new Map(scopeParts.flatMap((part) => [...found].filter(([one]) => one === part)));
  }

  #askScope(column: Column, part?: string): void {
    const values = notParts(column).slice(0, 3).join(', ');
    const why =
      part === undefined ? `and ${values} is no id such as env-abc or lkc-123` : `as "${truncate(part, 80)}" does`;
    const words = `the column "${column.heading}" may say what the roles are for, ${why}`;
    this.questions.push({ field: 'scope', words, choices: [ignoring(words)] });
  }

  #tellings(): Map<Column, Telling> {
    const { includeInactive, answers, ignoresRoles } = this.#options;
    const tellings = new Map<Column, Telling>();
    const telling = this.#columns.filter(
      (column) =>
        column.filled > 0 && isLikely(column) && !(ignoresRoles && (column.isGuess || column.telling === 'from')),
    );
    for (const column of telling) {
      if (column.telling === undefined || (this.#profile.isOurs && column.telling === 'until')) continue;
      const values = [...column.unknown].filter(([value]) => !answers.has(answerKey(column, value)));
      const isSure = (other: Column) => other !== column && other.telling !== 'until' && other.unknown.size === 0;
      const isPlace = placeHeadings.has(foldWord(column.heading)) && telling.some(isSure);
      if ((isPlace || column.isOverruled) && values.length > 0) continue;
      tellings.set(column, column.telling);
      if (values.length === 0 || includeInactive) continue;
      const list = values.slice(0, 5).map(([value]) => `"${value}"`);
      const who = column.telling === 'wish' || column.telling === 'from' ? 'not to be invited' : 'no longer there';
      const words = `the column "${column.heading}" may say who is ${who}, and ${list.join(', ')} is not known`;
      const undecided = { column, values: new Map(values) };
      const ignored = { ...ignoring(words), heading: this.#sureState() };
      this.questions.push({ field: 'status', words, choices: [ignored], undecided });
    }
    return tellings;
  }

  /** A column that says for certain who is there, so that another one is ignored without it. */
  #sureState(): string {
    const isSure = ({ telling, isGuess, filled, unknown }: Column) =>
      filled > 0 && !isGuess && unknown.size === 0 && telling !== undefined && states.includes(telling);
    return this.#columns.find(isSure)?.heading ?? '';
  }

  /** Columns that say by their cells who is gone: read if each of them is a state, else asked about. */
  #states(): Column[] {
    const { headings, includeInactive, ignoresRoles } = this.#options;
    if (headings.has('status') || includeInactive || ignoresRoles || this.#profile.isOurs) return [];
    const isFree = ({ heading, telling, isGuess }: Column) =>
      (telling === undefined || isGuess) && !isLeftAlone(heading);
    return this.#free()
      .filter(isFree)
      .filter((column) => {
        const areStates = hasOnlyStates(column);
        const remark = areStates ? undefined : remarkIn(column);
        if (remark !== undefined) {
          const words = `the column "${column.heading}" may say who is no longer there ("${truncate(remark, 60)}")`;
          const { heading, examples } = shown(column);
          const leaving = { heading, question: `${words}; leave such people out?`, hint: `takes ${examples}` };
          this.questions.push({
            field: 'status',
            words,
            choices: [leaving, { heading: this.#sureState(), hint: 'ignores them' }],
          });
        }
        return areStates;
      });
  }
}

/** Of a column that is read and has no cell, nothing is lost. */
function isEmptyField({ heading, filled, telling, isGuess }: Column): boolean {
  return filled === 0 && (fieldOf(heading) !== undefined || (telling === 'until' && !isGuess));
}

/** To read from no column what one may say. */
function ignoring(words: string): Choice {
  return { heading: '', question: `${words}; ignore it?`, hint: 'ignores it' };
}

function shown({ heading, values }: Column) {
  return { heading, examples: [...values.keys()].slice(0, 3).join(', ') };
}

/** The part of a scope that a column holds: by its heading, or by cells that can be nothing else. */
function partOf(column: Column): ScopePart | undefined {
  if (column.filled === 0) return undefined;
  if (fieldOf(column.heading) !== undefined || column.telling !== undefined) return scopePartOf(column.heading);
  const [only, ...more] = new Set([...column.values.keys()].map(partIn));
  return more.length === 0 && only !== 'resource' ? only : undefined;
}

/** Headings that name a part of a scope where another column holds another one. */
const partsBeside: readonly (readonly [
  headings: ReadonlySet<string>,
  part: ScopePart,
  others: readonly ScopePart[],
])[] = [
  [words('name'), 'resource_name', ['resource_type']],
  [words('group,groups,Gruppe,groupe,grupo,gruppo,groep,grupa,グループ'), 'group', ['scope', 'cluster', 'environment']],
];

/** Cells that are no part of a scope. */
function notParts({ values }: Column): string[] {
  return [...values.keys()].filter((text) => partIn(text) === undefined);
}

/** Whether every cell can be the part of a scope that its heading names. */
function isOfPart(column: Column, part: ScopePart): boolean {
  const isChecked = part === 'scope' || part === 'environment' || part === 'cluster';
  return !isChecked || notParts(column).every((text) => text === '-' || text === '*');
}

/** Whether its heading may name what the roles are for, beside the parts that were found. */
function mayNarrow({ heading, filled, telling }: Column, found: ReadonlyMap<ScopePart, Column>): boolean {
  if (filled === 0 || telling !== undefined || fieldOf(heading) !== undefined) return false;
  const place = likelyPlace(heading);
  if (place === 'resource')
    return ![...resourceKinds, 'resource' as const, 'resource_name' as const].some((one) => found.has(one));
  return place !== undefined && !found.has(place) && (place === 'scope' || !found.has('scope'));
}

/** What says of everybody whether they are there. */
const states: readonly Telling[] = ['status', 'active', 'gone', 'control'];

/** Headings that name a part of a country in exports of addresses. */
const placeHeadings: ReadonlySet<string> = new Set(['state', 'estado', 'etat', '状態']);

/** Different cells of a column of states; one with more of them is of something else. */
const mostStates = 30;

/** A guess by a heading counts as an end if it has days, else if its cells can be states. */
function isLikely(column: Column): boolean {
  const { heading, isGuess, telling, unknown, filled, values } = column;
  if (telling === 'from')
    return [...values.keys()].some((text) => !['none', undefined].some((one) => one === endIn(text)));
  if (!isGuess) return true;
  const isKnown = !isOfConsent(heading) || [...values.keys()].some((text) => !unknown.has(text));
  if (telling === 'leaving' || telling === 'wish') return isKnown && unknown.size <= mostStates;
  const days = count(column, (text) => typeof endIn(text) === 'object');
  if (telling === 'until') return days > 0;
  const areNumbers = [...unknown.keys()].every((value) => /^\d/.test(value));
  return days < filled && unknown.size <= mostStates && !(telling === 'active' && unknown.size > 0 && areNumbers);
}

/** Whether every cell is a state, and one of them that of somebody who is not to be invited. */
function hasOnlyStates(column: Column): boolean {
  const { values } = column;
  if (values.size > mostStates) return false;
  const found = [...values.keys()].map((text) => standingIn('status', text));
  return !found.includes('unknown') && (found.includes('gone') || remarkIn(column) !== undefined);
}

function remarkIn({ heading, values }: Column): string | undefined {
  return [...values.keys()].find((text) => isRemark(text, heading));
}
