import { isOfConsent, isOfRights } from './guess.ts';
import { foldWord, isWish, words } from './headings.ts';
import type { Column } from './profile.ts';
import { roleWords } from './roles.ts';
import { endIn, isOnlyWhether, isRemark, standingIn } from './values.ts';

/** The number of cells of a kind. */
export function count({ values }: Column, isOfKind: (text: string) => boolean = () => true): number {
  return [...values].reduce((sum, [text, rows]) => sum + (isOfKind(text) ? rows : 0), 0);
}

function some({ values }: Column, isOfKind: (text: string) => boolean): boolean {
  return [...values.keys()].some(isOfKind);
}

export function isEvery({ values }: Column, isOfKind: (text: string) => boolean): boolean {
  return values.size > 0 && [...values.keys()].every(isOfKind);
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

/** Of a column that is read and has no cell, nothing is lost. */
export function isEmptyField({ field, values, telling, doubt }: Column): boolean {
  const isField = field !== undefined && field !== 'email';
  return values.size === 0 && (isField || (telling === 'until' && doubt !== 'guess'));
}

export function examplesOf({ values }: Column): string {
  return [...values.keys()].slice(0, 3).join(', ');
}

export function shown(column: Column): string {
  return `the column "${column.heading}" (${examplesOf(column)})`;
}

/** Whether a column of rights says more than that there are some. */
export function mayLimit(column: Column): boolean {
  const isOfOthers = isOfRights(column.heading) && !isLikely(column) && !hasOnlyStates(column);
  return isOfOthers && some(column, (text) => !isOnlyWhether(text));
}

/** Headings that name a part of a country in exports of addresses. */
const placeHeadings: ReadonlySet<string> = new Set(['state', 'estado', 'etat', '状態']);

/** Whether it is a part of a country rather than a state that somebody is in, where another column says as much. */
export function isOfPlaces({ heading, values }: Column): boolean {
  const isKnown = (text: string) => standingIn('status', text) !== 'unknown';
  return placeHeadings.has(foldWord(heading)) && ![...values.keys()].some(isKnown);
}

export function isBesidePlaces({ heading }: Column): boolean {
  return besidePlaces.has(foldWord(heading));
}

/** Headings that stand beside those. */
const besidePlaces = words(
  'city,town,zip,zip code,postal code,country,street,ciudad,país,calle,cidade,rua,ville,pays,rue',
);

/** Different cells of a column of states; one with more of them is of something else. */
const mostStates = 30;

/** Whether there is a year in it, also one of two digits behind a day and a month. */
const looksLikeDay = /\d{4}|\d[./-]\s?\w{1,9}[./-]\s?\d{2}(?!\d)/;

/** A guess by a heading counts as an end if it has days, else if its cells can be states. */
export function isLikely(column: Column): boolean {
  const { heading, doubt, telling, unknown, values } = column;
  if (values.size === 0) return false;
  if (telling === 'from') return some(column, (text) => (endIn(text) ?? 'none') !== 'none');
  if (doubt !== 'guess') return telling !== undefined;
  if (isOfRights(heading) && [...unknown.keys()].some((value) => value !== '')) return false;
  const isKnown = !isOfConsent(heading) || some(column, (text) => !unknown.has(text));
  if (telling !== undefined && (telling === 'leaving' || isWish(telling))) return isKnown && unknown.size <= mostStates;
  if (telling === 'until') return some(column, (text) => endIn(text) !== 'none' && looksLikeDay.test(text));
  const days = count(column, (text) => typeof endIn(text) === 'object');
  const said = [...unknown.keys()].filter((value) => value !== '');
  const areNumbers = said.length > 0 && said.every((value) => /^\d/.test(value));
  return days < count(column) && unknown.size <= mostStates && !(telling === 'active' && areNumbers);
}

/** Whether every cell is a state, and one of them that of somebody who is not to be invited. */
export function hasOnlyStates(column: Column): boolean {
  if (column.values.size > mostStates) return false;
  const found = [...column.values.keys()].map((text) => standingIn('status', text));
  return !found.includes('unknown') && (found.includes('gone') || remarkIn(column) !== undefined);
}

export function remarkIn({ heading, values }: Column): string | undefined {
  return [...values.keys()].find((text) => isRemark(text, heading));
}
