import type { EmailRules } from '../api/email.ts';
import { isKnownRole, type Role, resemblesRole } from '../api/roles.ts';
import { truncate } from '../text/sanitize.ts';
import { type ColumnField, type ColumnHeadings, type ColumnTold, headingTold } from './columns.ts';
import { otherIn } from './guess.ts';
import {
  emailRank,
  foldWord,
  headingAmong,
  isLeftAlone,
  isSecondary,
  isWish,
  type ScopePart,
  type Telling,
  tellingIn,
} from './headings.ts';
import {
  addressesIn,
  besidePlaces,
  type Column,
  type ColumnPlace,
  columnInWords,
  count,
  examplesOf,
  hasOnlyStates,
  isAddress,
  isEmptyField,
  isEvery,
  isLikely,
  isOfPlaces,
  mayLimit,
  type Profile,
  remarkIn,
} from './profile.ts';
import { isOfPart, isOfPerson, mayNarrow, namesPart, notParts, partOf, partsBeside, roleNames } from './roles.ts';
import { isRemark } from './values.ts';

export interface PeopleFlags extends EmailRules {
  readonly columns?: ColumnHeadings;
  readonly includeInactive?: boolean;
  readonly skipRowsWithoutEmail?: boolean;
  readonly allowUnknownRoles?: boolean;
}

export interface ReadingRules extends PeopleFlags {
  /** Milliseconds since 1970. If left out, those whose time is over are read as well: it is decided about later. */
  readonly now?: number;
  /** Granted to everybody; the scope of a row narrows those without one. */
  readonly roles?: readonly Role[];
  /** Reads no roles, since it only matters who is in the file, and others are removed: nobody is left out by a guess. */
  readonly ignoresRoles?: boolean;
  /** The only domains of addresses; undefined if all are admitted. */
  readonly allowedDomains?: readonly string[] | undefined;
}

export interface Understood {
  readonly email: ColumnPlace | undefined;
  readonly role: ColumnPlace | undefined;
  readonly auth_type: ColumnPlace | undefined;
  readonly note: ColumnPlace | undefined;
  readonly scope: readonly (readonly [part: ScopePart, column: ColumnPlace])[];
  /** Those that say whether somebody is to be invited at all. */
  readonly tellings: ReadonlyMap<ColumnPlace, Telling>;
  /** Headings of columns that nothing is read from. */
  readonly ignored: readonly string[];
}

/** What a file does not answer by itself. Each is asked at a terminal, and an error elsewhere. */
export interface Question {
  /** What it is about. */
  readonly field: ColumnField;
  readonly words: string;
  readonly choices: readonly Choice[];
  /** What remains at a terminal when nothing else was chosen. */
  readonly otherwise?: Choice;
  /** Another flag of import that answers it, and what that does. */
  readonly flag?: string;
  readonly undecided?: Undecided;
}

/** Of each value of a column, with the number of its rows, whether its people are wanted. */
interface Undecided {
  readonly column: Column;
  readonly values: ReadonlyMap<string, number>;
  /** As in a question: `still there`. */
  readonly wanted: string;
}

interface Choice {
  readonly told: ColumnTold;
  /** What it does: `ignore it`. */
  readonly act: string;
}

interface Known extends Profile, Omit<ReadingRules, 'columns'> {
  /** What `--columns` says, and what was answered. */
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

/** The column of the roles, by `--columns` or by its heading, and the names in it that are not predefined. */
export function unknownRoleNames({ columns }: Profile, headings: ColumnHeadings): string[] {
  const column = columnOf('role', columns, headings);
  const names = column === undefined ? [] : (roleNames(column) ?? []);
  return [...names].filter((name) => !isKnownRole(name) && /^[A-Za-z][\w-]*$/.test(name));
}

function columnOf(field: ColumnField, columns: readonly Column[], headings: ColumnHeadings): Column | undefined {
  const told = headingTold(headings, field);
  if (told === undefined) return columns.find((column) => column.field === field);
  const names = columns.map(({ heading }) => heading);
  const found = headingAmong(names, told);
  return columns.find(({ heading }) => heading === found);
}

export class Reading {
  readonly questions: Question[] = [];
  readonly understood: Understood;
  readonly #known: Known;
  readonly #used = new Set<Column | undefined>();

  constructor(known: Known) {
    this.#known = known;
    this.understood = this.#understood();
  }

  #understood(): Understood {
    const { roles = [], ignoresRoles } = this.#known;
    const email = this.#use(this.#isTold('email') ? this.#ofField('email') : this.#email());
    const role = ignoresRoles ? undefined : this.#use(this.#ofField('role'));
    const isGranting = role !== undefined || roles.length > 0;
    if (!ignoresRoles && !this.#isTold('role')) this.#checkRoles(role, isGranting);
    const scope = isGranting ? this.#scope() : [];
    const auth_type = this.#use(this.#ofField('auth_type'));
    const tellings = this.#tellings();
    for (const column of [...scope.map(([, column]) => column), ...tellings.keys()]) this.#use(column);
    for (const column of this.#saying()) tellings.set(column, 'status');
    const note = this.#use(this.#ofField('note'));
    for (const column of tellings.keys()) this.#use(column);
    const ignored = this.#free().filter((column) => !isEmptyField(column));
    return { email, role, auth_type, note, scope, tellings, ignored: ignored.map(({ heading }) => heading) };
  }

  #use(column: Column | undefined): Column | undefined {
    this.#used.add(column);
    return column;
  }

  #free(): Column[] {
    return this.#known.columns.filter((column) => !this.#used.has(column));
  }

  #isTold(field: ColumnField): boolean {
    return headingTold(this.#known.headings, field) !== undefined;
  }

  #ofField(field: ColumnField): Column | undefined {
    return columnOf(field, this.#known.columns, this.#known.headings);
  }

  /** @param others Columns of its field that are read. */
  #askToIgnore(column: Column, others: readonly Column[], question: Omit<Question, 'choices'>): void {
    const isAlone = others.every((other) => other === column);
    const choice = isAlone ? { told: { field: question.field, heading: '' }, act: 'ignore it' } : ignoring(column);
    this.questions.push({ ...question, choices: [choice] });
  }

  #email(): Column | undefined {
    const { rows, isOurs, isForm } = this.#known;
    const known = this.#known.columns
      .filter(({ field }) => field === 'email')
      .sort((a, b) => emailRank(a.heading) - emailRank(b.heading));
    const candidates = this.#known.columns.filter((column) => {
      const mayHold = column.field === undefined ? !isLeftAlone(column.heading) : known.includes(column);
      const addresses = mayHold ? count(column, isAddress) : 0;
      return addresses * 2 > count(column) || (addresses > 0 && known.includes(column));
    });
    const [first, ...more] = candidates;
    if (first === undefined) return known[0];
    if (isOurs) return this.#known.columns.find(({ heading }) => heading === 'email');
    if (more.length === 0 && (!isSecondary(first.heading) || known.length === 0)) return first;
    const best = known.find((column) => candidates.includes(column));
    // In every row another one.
    if (best !== undefined && addressesIn(best).size === rows && !isForm) return best;
    const isLast = (column: Column) => Number(isSecondary(column.heading) || (isForm && column === best));
    const sorted = [...candidates].sort((a, b) => isLast(a) - isLast(b));
    const choice = (column: Column): Choice => {
      return { told: { field: 'email', heading: column.heading }, act: `take ${examplesOf(column)}` };
    };
    const list = sorted.map((column) => `"${column.heading}" (${examplesOf(column)})`);
    const words = `it is not certain which column has the addresses to invite: ${list.join(', ')}`;
    this.questions.push({ field: 'email', words, choices: sorted.map(choice) });
    return first;
  }

  /** @param column The one that has a heading of roles. */
  #checkRoles(column: Column | undefined, isGranting: boolean): void {
    const { held } = this.#known;
    const isRole = (name: string) => isKnownRole(name) || held.has(name) || (name.length > 4 && resemblesRole(name));
    const names = column === undefined ? undefined : roleNames(column);
    const isForeign = names === undefined || (names.size > 0 && ![...names].some(isRole));
    const own = column?.values.size === 0 || this.#known.allowUnknownRoles || !isForeign ? column : undefined;
    if (column !== own && column !== undefined)
      this.#askToIgnore(column, [], {
        field: 'role',
        words: `no value of ${columnInWords(column)} is a role of Confluent`,
        flag: '--allow-unknown-roles to send its values as they are',
      });
    if (this.#known.isOurs) return;
    const others = this.#known.columns.filter((other) => {
      const own = other.field === undefined ? roleNames(other) : undefined;
      return own !== undefined && own.size > 0 && [...own].every(isRole);
    });
    const [first] = others;
    if (first !== undefined) {
      this.questions.push({
        field: 'role',
        words: `${columnInWords(first)} looks like roles`,
        choices: others.map(({ heading }) => ({ told: { field: 'role', heading }, act: 'grant them' })),
        otherwise: { told: { field: 'role', heading: own?.heading ?? '' }, act: 'ignore them' },
      });
      return;
    }
    // What people may do in words of another program may be less than what the roles allow.
    const rights = isGranting ? this.#free().filter(mayLimit) : [];
    for (const one of rights) {
      const words = `${columnInWords(one)} may say what its people may do, which is not read`;
      this.#askToIgnore(
        one,
        [column, ...rights].filter((other) => other !== undefined),
        { field: 'role', words },
      );
    }
  }

  /** The columns that narrow the roles: by their headings, or by cells that are ids. */
  #scope(): readonly (readonly [ScopePart, Column])[] {
    const named = this.#isTold('scope') ? this.#ofField('scope') : undefined;
    if (this.#isTold('scope') && named === undefined) return [];
    // The CRN of a person, as in what the API says about users, is no place for a role.
    const isPlace = (column: Column) =>
      (column.field !== undefined && column.field !== 'resource_name') || !isEvery(column, isOfPerson);
    const free = this.#free().filter(isPlace);
    const found = free.flatMap((column) => {
      const part = partOf(column);
      return part === undefined ? [] : [[part, column] as const];
    });
    const has = (part: ScopePart) => found.some(([one]) => one === part);
    for (const [names, part, others] of partsBeside) {
      const column = free.find(({ heading, values }) => names.has(foldWord(heading)) && values.size > 0);
      if (column !== undefined && !has(part) && others.some(has)) found.push([part, column]);
    }
    if (named !== undefined) return besideNamed(named, found);
    this.#checkScope(free, found);
    return found;
  }

  /** Asks about what was found to be no place, and about columns that may name one. */
  #checkScope(free: readonly Column[], found: readonly (readonly [ScopePart, Column])[]): void {
    const read = found.map(([, column]) => column);
    const has = (part: ScopePart) => found.some(([one]) => one === part);
    const rest = this.#known.isOurs ? [] : free.filter((column) => !read.includes(column));
    const placeIn = ({ heading, values }: Column) =>
      isLeftAlone(heading) ? undefined : [...values.keys()].find(namesPart);
    const doubtful = [
      ...found.filter(([part, column]) => !isOfPart(column, part)).map(([, column]) => column),
      ...rest.filter((column) => placeIn(column) !== undefined || mayNarrow(column, has)),
    ];
    for (const column of doubtful) {
      const place = read.includes(column) ? undefined : placeIn(column);
      const values = notParts(column).slice(0, 3).join(', ');
      const why =
        place === undefined ? `and ${values} is no id such as env-abc or lkc-123` : `as "${truncate(place, 80)}" does`;
      const words = `the column "${column.heading}" may say what the roles are for, ${why}`;
      this.#askToIgnore(column, [...read, ...doubtful], { field: 'scope', words });
    }
  }

  #tellings(): Map<Column, Telling> {
    const { includeInactive, ignoresRoles, shared } = this.#known;
    const tellings = new Map<Column, Telling>();
    const isUncertain = ({ doubt, telling, heading }: Column) =>
      doubt === 'guess' || telling === 'from' || shared?.has(heading) === true;
    const telling = this.#known.columns.filter((column) => isLikely(column) && !(ignoresRoles && isUncertain(column)));
    for (const column of telling) {
      if (column.telling === undefined || (this.#known.isOurs && column.telling === 'until')) continue;
      const values = [...column.unknown].filter(([value]) => !this.#known.answers.has(answerKey(column, value)));
      const isSure = (other: Column) => other !== column && other.telling !== 'until' && other.unknown.size === 0;
      const isBeside = ({ heading }: Column) => besidePlaces.has(foldWord(heading));
      const isPlace = isOfPlaces(column) && (telling.some(isSure) || this.#known.columns.some(isBeside));
      if ((isPlace || column.doubt === 'overruled') && values.some(([value]) => value !== '')) continue;
      // Most of its cells are about something else.
      const isTold = column === this.#ofField('status') && tellingIn(column.heading) === undefined;
      const isOfRemarks = isTold && [...column.values.keys()].some((text) => isRemark(text, column.heading));
      tellings.set(column, isOfRemarks ? 'remark' : column.telling);
      const isAnyway = includeInactive && !isWish(column.telling);
      if (values.length === 0 || isAnyway || isOfRemarks || column.doubt === 'overruled') continue;
      const list = values.slice(0, 5).map(([value]) => `"${value}"`);
      const isOfWish = column.telling === 'from' || isWish(column.telling);
      const [away, wanted] = isOfWish ? ['not to be invited', 'to be invited'] : ['no longer there', 'still there'];
      this.questions.push({
        field: 'status',
        words: `the column "${column.heading}" may say who is ${away}, and ${list.join(', ')} is not known`,
        choices: [ignoring(column)],
        ...(isWish(column.telling) ? {} : { flag: '--include-inactive to invite everybody, whatever it says' }),
        undecided: { column, values: new Map(values), wanted },
      });
    }
    return tellings;
  }

  /** Columns that say by their cells who is gone: read if each of them is a state, else asked about. */
  #saying(): Column[] {
    const { includeInactive, ignoresRoles } = this.#known;
    if (this.#isTold('status') || includeInactive || ignoresRoles || this.#known.isOurs) return [];
    const free = this.#free().filter(
      ({ heading, telling, doubt }) =>
        (telling === undefined || doubt === 'guess') && !isLeftAlone(heading) && otherIn(heading) !== 'switch',
    );
    const saying = free.filter((column) => hasOnlyStates(column) && otherIn(column.heading) === undefined);
    for (const column of free) {
      const remark = saying.includes(column) ? undefined : remarkIn(column);
      if (remark === undefined) continue;
      this.questions.push({
        field: 'status',
        words: `the column "${column.heading}" may say who is no longer there ("${truncate(remark, 60)}")`,
        choices: [{ told: { field: 'status', heading: column.heading }, act: 'leave such people out' }],
        otherwise: ignoring(column),
      });
    }
    return saying;
  }
}

/** The column that was named as the scope; if it is a part of one, with those of the other parts. */
function besideNamed(named: Column, found: readonly (readonly [ScopePart, Column])[]): typeof found {
  const part = partOf(named) ?? 'scope';
  if (part === 'scope') return [[part, named]];
  const others = found.filter(([other, column]) => other !== part && other !== 'scope' && isOfPart(column, other));
  return [[part, named], ...others];
}

/** Others of its field are still read. */
function ignoring({ heading }: Column): Choice {
  return { told: { field: 'ignore', heading }, act: 'ignore it' };
}
