import { CliError } from '../errors.ts';
import type { Entry, Value } from './document.ts';
import { likelyPlace, mayTell } from './guess.ts';
import { fieldOf, foldWord, isLeftAlone, isSecondary, scopePartOf, words } from './headings.ts';
import { UnreadableFile } from './problems.ts';
import { scopeOf } from './roles.ts';
import { addRow, mostColumns, type Table, type TableRow } from './table.ts';
import { isRemark, standingIn } from './values.ts';

type Mapping = Extract<Value, { readonly kind: 'map' }>;

/**
 * The people in values of JSON or YAML as a table: objects, or addresses, in lists however nested, or in the single list
 * of a page. A row has the keys of any of them as columns. Throws `UnreadableFile`.
 */
export function tableOfValues(values: readonly Value[]): Table {
  const rows: TableRow[] = [];
  const around: Around = { notes: [], shared: new Set() };
  const columns = new Columns();
  let goesOn: string | undefined;
  for (const value of values) {
    for (const person of people(value, around, values.length === 1))
      addRow(rows, { line: person.line, cells: columns.cellsOf(person) });
    goesOn = goingOn(value, rows.length);
  }
  return { columns: columns.headings, rows, notes: around.notes, shared: around.shared, goesOn };
}

/** What says beside a list that there are more pages of it. */
function goingOn(value: Value, rows: number): string | undefined {
  if (!isMapping(value) || isPerson(value)) return undefined;
  for (const { key, value: inner } of value.entries) {
    const text = valueText(inner);
    const isMore = nextPage.test(foldWord(key)) && !/^(?:null|false|none|0|-1)?$/i.test(text);
    if (isMore || (totals.test(foldWord(key)) && Number(text) > rows))
      return `the list goes on: "${key}" says that there are more pages of it; put them all into the file`;
    const found = goingOn(inner, rows);
    if (found !== undefined) return found;
  }
  return undefined;
}

const nextPage =
  /(?:^|has|odata)(?:more|next)(?:pages?|items|data|records?|results)?(?:token|link|cursor|url|uri|href|marker|key|offset)?$|^(?:is)?truncated$|^(?:continue|continuationtoken|paginationtoken)$/;
const totals = /^total(?:results|count|size|items|elements|records|rows|users|members|hits)?$/;

class Columns {
  readonly headings: string[] = [];
  readonly #places = new Map<string, number>();

  cellsOf(person: Value): string[] {
    const fields = person.kind === 'map' ? fieldsOf(person) : [['email', valueText(person)] as const];
    const cells: string[] = [];
    for (const [heading, text] of fields) {
      const at = this.#placeOf(heading, person.line);
      if (cells[at] !== undefined) throw new UnreadableFile(person.line, `the column "${heading}" appears twice`);
      cells[at] = text;
    }
    return Array.from(cells, (text) => text ?? '');
  }

  #placeOf(heading: string, line: number): number {
    const key = heading.trim().toLowerCase();
    const at = this.#places.get(key) ?? this.headings.length;
    if (at === this.headings.length) this.headings.push(heading);
    this.#places.set(key, at);
    if (at < mostColumns) return at;
    throw new UnreadableFile(line, `the objects name more than ${mostColumns} columns`);
  }
}

interface Around {
  /** Where it is said in which list they were found. */
  readonly notes: string[];
  /** The keys of what is said of everybody in a list. */
  readonly shared: Set<string>;
}

/** @param isOnly Whether it is the whole file, which is a list of people if it has one, whatever that is called. */
function* people(value: Value, around: Around, isOnly = false): Generator<Value> {
  if (value.kind === 'list') {
    for (const item of value.items) yield* people(item, around);
  } else if (value.kind === 'map') {
    if (isPerson(value) && !(isOnly && isKeyed(value))) yield value;
    else yield* peopleInside(value, around, isOnly);
  } else if (typeof value.scalar === 'string') yield value;
  else throw new UnreadableFile(value.line, 'expected an object, or an address in quotes');
}

function* peopleInside(value: Mapping, around: Around, isOnly: boolean): Generator<Value> {
  const listed = entryValue(value, 'version') && entryValue(value, 'people');
  // As `invite export` writes it: what stands beside the people is not about any of them.
  if (listed?.kind === 'list') return yield* people(listed, around);
  if (isByAddress(value)) return yield* peopleByAddress(value);
  if (isOnly && isKeyed(value)) return yield* value.entries.map((entry) => entry.value);
  const page = pageIn(value, isOnly);
  if (page !== undefined) return yield* peopleOfPage(page, around);
  if ((isOnly || around.notes.length > 0) && isEmptyPage(value)) return;
  // One of many without an address is a row without one.
  if (isOnly && listsIn(value).next().done)
    throw new UnreadableFile(value.line, 'there is no column "email" in it, and no list of people');
  yield value;
}

/** A list of people inside of an object. */
interface Page {
  readonly path: string;
  readonly items: readonly Value[];
  /** What its names and what stands beside them say that narrows or ends what its people are to get. */
  readonly shared: () => readonly Entry[];
}

/** What the list of people is called in a page of many. */
const pageKeys = words(
  'data,value,values,items,results,records,resources,rows,entries,elements,content,nodes,edges,hits,list,collection,objects',
  'users,members,people,persons,employees,workers,staff,invitations,principals',
);

/** The list of people in an object that is no person itself. Throws `UnreadableFile` if it has several. */
function pageIn(value: Mapping, isOnly: boolean): Page | undefined {
  const pages = [...listsIn(value)];
  const keys = pages.map(({ path }) => path.replace(/.*\./s, ''));
  // The addresses of one person, as in SCIM.
  if (pages.some(({ items }, at) => /mail/i.test(keys[at] ?? '') && !(isOnly && items.every(isAddress))))
    return undefined;
  if (!isOnly && !keys.some((key) => pageKeys.has(foldWord(key)))) return undefined;
  const several = pages.map(({ path }) => `"${path}"`).join(', ');
  if (pages.length > 1) throw new UnreadableFile(value.line, `there are several lists in it: ${several}; keep one`);
  return pages[0];
}

/** As the last of several pages is; somebody without an address may have empty lists as well. */
function isEmptyPage({ entries }: Mapping): boolean {
  return entries.some(
    ({ key, value }) => value.kind === 'list' && value.items.length === 0 && pageKeys.has(foldWord(key)),
  );
}

function* peopleOfPage({ path, items, ...page }: Page, around: Around): Generator<Value> {
  const shared = page.shared();
  if (around.notes.length === 0) around.notes.push(`the people are those in "${path}"`);
  for (const { key } of shared) around.shared.add(key);
  for (const item of items) {
    for (const person of people(item, around)) yield shared.length === 0 ? person : withShared(person, shared);
  }
}

/** A person with what is said of everybody in the list, unless it is said of this one as well. */
function withShared(person: Value, shared: readonly Entry[]): Value {
  const { line } = person;
  const own = person.kind === 'map' ? person.entries : [{ key: 'email', line, value: person }];
  const said = own.filter(({ value }) => valueText(value) !== '');
  return { kind: 'map', line, entries: nearest(said, shared) };
}

/** Entries, and others whose keys they do not have. */
function nearest(own: readonly Entry[], others: readonly Entry[]): Entry[] {
  const keys = new Set(own.map(({ key }) => foldWord(key)));
  return [...own, ...others.filter(({ key }) => !keys.has(foldWord(key)))];
}

/** Of a list that is called `deactivatedUsers`, or `bots`, its name: its people are gone, or are none. */
function namesGone({ key, line }: Entry): Entry[] {
  const telling = mayTell(key);
  const isGone = telling === 'gone' || telling === 'leaving' || telling === 'machine';
  return isGone ? [{ key, line, value: { kind: 'scalar', line, scalar: 'yes' } }] : [];
}

/** Whether what stands beside a list of people may not be ignored. That a request was a success says nothing of them. */
function narrows({ key, value }: Entry): boolean {
  const text = isMapping(value) ? '' : valueText(value);
  if (text === '' || /^(?:success|succeeded|ok|done|completed?|finished|\d+)$/i.test(text)) return false;
  return !isHeld(key, text) || isRemark(text, key) || scopePartOf(key) !== undefined || likelyPlace(key) !== undefined;
}

function entryValue({ entries }: Mapping, name: string): Value | undefined {
  return entries.find(({ key }) => key === name)?.value;
}

function itemsOf(value: Value): readonly Value[] {
  return value.kind === 'list' ? value.items : [];
}

function isMapping(value: Value): value is Mapping {
  return value.kind === 'map';
}

function isAddress(value: Value): boolean {
  return value.kind === 'scalar' && typeof value.scalar === 'string' && value.scalar.includes('@');
}

/** Whether it has an address under a heading of addresses, or one anywhere and no people beside it. */
function isPerson(value: Mapping): boolean {
  const { entries } = value;
  if (entries.some(({ key, value: inner }) => isAddress(inner) && fieldOf(key) === 'email')) return true;
  if (isByAddress(value) || entries.some(({ value: inner }) => itemsOf(inner).some(isMapping))) return false;
  return hasAddress(value, 2) || (listsIn(value).next().done === true && hasAddress(value, deepest));
}

/** Objects in objects that are looked into. */
const deepest = 6;

function hasAddress(value: Value, depth: number): boolean {
  if (!isMapping(value)) return isAddress(value);
  return depth > 0 && value.entries.some((entry) => hasAddress(entry.value, depth - 1));
}

function isByAddress({ entries }: Mapping): boolean {
  return entries.length > 0 && entries.every(({ key }) => key.includes('@'));
}

/** Whether it is people by their ids or names: `{ "101": { "email": … }, "102": … }`. */
function isKeyed({ entries }: Mapping): boolean {
  const isOne = ({ key, value }: Entry) =>
    !isSecondary(key) && !isLeftAlone(`${key}.`) && isMapping(value) && isPerson(value);
  return entries.length > 1 && entries.every(isOne);
}

/** `{ "ann@example.com": { … } }` as objects with an `email`; another value is their `value`, or `active`. */
function peopleByAddress({ entries }: Mapping): Value[] {
  return entries.map(({ key, line, value: inner }) => {
    const email: Entry = { key: 'email', line, value: { kind: 'scalar', line, scalar: key } };
    const name = inner.kind === 'scalar' && typeof inner.scalar === 'boolean' ? 'active' : 'value';
    const others = isMapping(inner) ? inner.entries : [{ key: name, line, value: inner }];
    return { kind: 'map', line: inner.line, entries: [email, ...others] };
  });
}

/** The lists of people inside of an object. @param around What is shared by all of it. */
function* listsIn({ entries }: Mapping, above = '', around: Page['shared'] = () => []): Generator<Page> {
  for (const entry of entries) {
    const { key, value: inner } = entry;
    const path = `${above}${key}`;
    // Of the one list that is read: an object may have thousands of entries.
    const shared = () => {
      const beside = entries.filter((other) => other !== entry && narrows(other));
      return nearest([...namesGone(entry), ...beside], around());
    };
    const items = itemsOf(inner);
    if (items.some((item) => item.kind !== 'scalar' || isAddress(item))) yield { path, items, shared };
    if (!isMapping(inner)) continue;
    if (isByAddress(inner)) yield { path, items: peopleByAddress(inner), shared };
    else if (isKeyed(inner)) yield { path, items: inner.entries.map((one) => one.value), shared };
    else yield* listsIn(inner, `${path}.`, shared);
  }
}

/** Items of a list inside an object that become columns. */
const mostItems = 5;

/**
 * Objects inside become columns as `profile.email`, those in a list as `emails[0].value`, the primary one first, or as
 * `emails.home[1].value`.
 */
function* fieldsOf(value: Mapping, prefix = ''): Generator<readonly [heading: string, text: string]> {
  for (const { key, value: inner } of value.entries) {
    const name = `${prefix}${key}`;
    const items = itemsOf(inner);
    const objects = items.filter(isMapping);
    const pairs = objects.map(pairIn).filter((pair) => pair !== undefined);
    if (pairs.length > 0 && pairs.length === items.length)
      for (const [own, text] of pairs) yield [`${name}.${own}`, text];
    else if (isMapping(inner)) yield* fieldsOf(inner, `${name}.`);
    else if (objects.length === 0 || objects.length < items.length || objects.every(isRole))
      yield [name, items.length === 0 ? valueText(inner) : items.map(roleText).join(', ')];
    else {
      const sorted = [...objects].sort((a, b) => rankOf(a) - rankOf(b));
      for (const [at, item] of sorted.slice(0, mostItems).entries())
        yield* fieldsOf(item, `${name}${objectKind(item)}[${at}].`);
    }
  }
}

/** `{ "Name": "email", "Value": "ann@example.com" }`, as programs write what others write as an object. */
function pairIn({ entries }: Mapping): readonly [key: string, text: string] | undefined {
  if (entries.length !== 2) return undefined;
  const texts = new Map(entries.map(({ key, value }) => [foldWord(key), valueText(value)]));
  const [key, text] = [texts.get('name') ?? texts.get('key'), texts.get('value')];
  return key === undefined || text === undefined ? undefined : [key, text];
}

/** Of what is not for work, as the address at home is not, its kind. */
function objectKind(item: Mapping): string {
  const type = entryValue(item, 'type');
  const text = type === undefined ? '' : valueText(type);
  return isSecondary(text) ? `.${text}` : '';
}

function isRole(value: Mapping): boolean {
  return value.entries.some(({ key }) => key === 'role_name' || key === 'role');
}

function rankOf(item: Mapping): number {
  const primary = entryValue(item, 'primary');
  if (primary?.kind === 'scalar' && primary.scalar === true) return 0;
  return objectKind(item) === '' ? 1 : 2;
}

/** A name, or a binding as in the results of invite, as in the cell of a table. */
function roleText(item: Value): string {
  if (!isMapping(item)) return valueText(item);
  const texts = new Map(item.entries.map(({ key, value }) => [key, valueText(value)]));
  const name = texts.get('role_name') || texts.get('role') || '';
  const scope = scopeIn(texts) || '';
  return scope === '' ? name : `${name}@${scope}`;
}

/** Where a role is, by other keys of its object. What narrows it and is not understood is shown, and is no scope then. */
function scopeIn(texts: ReadonlyMap<string, string>): string | undefined {
  const filled = [...texts].filter(([, text]) => text !== '');
  const parts = filled.map(([key, text]) => [key === 'group' ? 'group' : scopePartOf(key), text, key] as const);
  const isUnclear = parts.some(
    ([part, text, key]) => part === undefined && (likelyPlace(key) !== undefined || !isHeld(key, text)),
  );
  try {
    if (!isUnclear) return scopeOf(parts.flatMap(([part, text]) => (part === undefined ? [] : [[part, text]])));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
  }
  return JSON.stringify(Object.fromEntries(texts)).replace(/[\s,;|@]+/g, '_');
}

/** Whether what a key of a role says does not speak against holding it now, and for good. */
function isHeld(key: string, text: string): boolean {
  const telling = mayTell(key);
  if (telling === undefined || telling === 'type') return true;
  return telling !== 'until' && telling !== 'from' && standingIn(telling, text) === 'there';
}

/** A value as the text of a cell; of a list its items, separated by spaces. */
function valueText(value: Value): string {
  switch (value.kind) {
    case 'scalar':
      return String(value.scalar ?? '').trim();
    case 'list':
      return value.items.map(valueText).join(' ');
    case 'map':
      return value.entries.map(({ key, value: inner }) => `${key}=${valueText(inner)}`).join(' ');
    default:
      throw new Error(`no such value: ${value satisfies never}`);
  }
}
