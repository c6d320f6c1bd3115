import { createHash } from 'node:crypto';
import { EmailMap, foldEmail } from '../api/email.ts';
import { authTypes } from '../api/invitation.ts';
import { formatRole, type Role } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import type { Value } from '../people/document.ts';
import { jsonValues } from '../people/json.ts';
import type { PeopleSource } from '../people/open.ts';
import { FileProblems, UnreadableFile } from '../people/problems.ts';
import { compareTexts } from '../text/sanitize.ts';
import { formatDuration } from '../text/times.ts';
import type { Desired, DesiredPerson } from './desired.ts';
import { type Change, changesOf, effects, isFinding, type Notice, type Plan, type Row } from './plan.ts';
import { fileKey, lineKey, readDocument, teamKey, withinKey } from './read-document.ts';
import type { Limits } from './safety.ts';

const version = 1;

/** A plan in a file, to be reviewed and applied later. */
export interface SavedPlan {
  readonly organization: string;
  readonly origin: string;
  /** The id of the API key that read the organization. */
  readonly key_id: string;
  readonly file: string;
  /** Of the bytes of the file, in hex. */
  readonly file_sha256: string;
  /** RFC 3339. */
  readonly made_at: string;
  readonly desired: Desired;
  readonly limits: Limits;
  readonly changes: readonly SavedRow[];
  /** Rows that need a decision by a person; nothing is done about them. */
  readonly findings: readonly SavedRow[];
  /** What the reviewer was shown first. */
  readonly notice: Notice;
  readonly fingerprint: string;
}

type SavedRow = ReturnType<typeof savedRow>;

/**
 * A row of a plan for readers and programs. It lacks the ids of invitations and bindings, so that a resend or an
 * acceptance does not alter it.
 */
export function savedRow({ action, email, user, auth_type, role, state, what, why }: Row) {
  return {
    action,
    email,
    user: user ?? null,
    auth_type: auth_type === undefined ? null : authTypes[auth_type],
    role_name: role?.role_name ?? null,
    crn_pattern: role?.crn ?? null,
    state,
    what,
    why,
  };
}

/** Identifies what a plan does and may do, without times and in any order. */
export function fingerprintOf({
  organization,
  limits,
  changes,
}: Pick<SavedPlan, 'organization' | 'limits' | 'changes'>): string {
  return sha256(canonicalJson([organization, limits, changes.map(changeKey).sort()]));
}

/** Of the whole document: an edit of anything in it is noticed. */
export function checksumOf({ checksum: _, ...rest }: Readonly<Record<string, unknown>>): string {
  return sha256(canonicalJson(rest));
}

/** In hex. */
export function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON in which the order of keys does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => compareTexts(a, b)))
      : inner,
  );
}

export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 8);
}

/** Equal for two changes that do the same. State and words follow from the rest and from the time. */
function changeKey({ state: _state, what: _what, why: _why, ...does }: SavedRow): string {
  return canonicalJson({ ...does, email: foldEmail(does.email) });
}

/** The plan as JSON. `desired` has the format of a membership file, plus the line numbers of the reviewed one. */
export function planRecord(saved: SavedPlan): Record<string, unknown> {
  const { fingerprint, ...rest } = saved;
  const record = { invite_plan: version, ...rest, desired: desiredRecord(saved.desired), fingerprint };
  // As JSON writes it: without the keys that have no value.
  return { ...record, checksum: checksumOf(JSON.parse(JSON.stringify(record))) };
}

function desiredRecord(desired: Desired): Record<string, unknown> {
  const { organization, managed, auth_type, reinvite, ignore, within, people } = desired;
  return {
    version: 1,
    organization,
    managed,
    auth_type,
    reinvite: reinvite === 0 ? 'never' : formatDuration(reinvite),
    within: scopesIn(within),
    ignore: ignore.map(({ text }) => text),
    people: people.map(personRecord),
  };
}

function personRecord(person: DesiredPerson): Record<string, unknown> {
  const { line, file, email, was, auth_type, until, note, roles, managedWithin } = person;
  const listed = roles?.map((entry) => ({
    role: formatRole(entry.role),
    until: entry.until?.text,
    [lineKey]: entry.line,
    [fileKey]: entry.file,
    [teamKey]: entry.team,
  }));
  return {
    email,
    was,
    roles: listed,
    auth_type,
    until: until?.text,
    note,
    [lineKey]: line,
    [fileKey]: file,
    [withinKey]: scopesIn(managedWithin),
  };
}

function scopesIn(scopes: readonly Role[] | undefined) {
  return scopes?.map(({ scope }) => scope);
}

/** Whether a parsed JSON document is a saved plan, and not a membership file. */
export function isSavedPlan(document: unknown): document is object {
  return typeof document === 'object' && document !== null && Object.hasOwn(document, 'invite_plan');
}

/** A file of people or a saved plan, read and checked before anything is asked of the API. */
export interface PlanInput {
  /** As typed, for sentences. */
  readonly name: string;
  /** The file of people, in the rows of a plan. */
  readonly file: string;
  /** For commands; undefined for several files, for stdin, and for a saved plan. */
  readonly path?: string | undefined;
  readonly sha256: string;
  readonly organization?: string | undefined;
  /** Of the API that a saved plan is for. */
  readonly origin?: string;
  readonly desired: Desired;
  readonly limits: Limits;
  /** The changes of a saved plan. */
  readonly reviewed?: readonly SavedRow[];
}

/**
 * Throws `invalid_file` if the plan has another version, is damaged or was edited.
 * @param document What `JSON.parse` makes of the text.
 */
export function parsePlan(document: object, { name: target, text }: PeopleSource): PlanInput {
  const refuse = (reason: string) => {
    const hints = ['make a new one with invite plan'];
    return new CliError('invalid_file', `cannot use the plan "${target}"`, { reason, target, hints });
  };
  let root: Value | undefined;
  try {
    [root] = jsonValues(text);
  } catch (error) {
    // Of a key that appears twice, a reviewer may have read the one that does not count.
    throw error instanceof UnreadableFile ? refuse(`it was edited: ${error.message}`) : error;
  }
  const record = document as Readonly<Record<string, unknown>>;
  const { invite_plan, checksum, fingerprint, desired: _, ...rest } = record;
  if (invite_plan !== version) throw refuse(`its version is ${JSON.stringify(invite_plan)}, ${version} is known`);
  if (checksum === undefined) throw refuse('it has no "checksum"');
  if (checksum !== checksumOf(record)) throw refuse('it was edited: its checksum does not match');
  if (!isWritten(rest)) throw refuse('it was edited: its values have the wrong types');
  if (fingerprintOf(rest) !== fingerprint) throw refuse('it was edited: its fingerprint does not match');
  const written = root?.kind === 'map' ? root.entries.find(({ key }) => key === 'desired')?.value : undefined;
  if (written === undefined) throw refuse('it was edited: it has no "desired"');
  const problems = new FileProblems();
  const rules = { allowUnicode: true, allowUnknownRoles: true, isSaved: true };
  const desired = readDocument(written, problems, rules);
  problems.throwIfAny(target, [], 'use the plan');
  const { file, file_sha256, organization, origin, limits, changes: reviewed } = rest;
  return { name: target, file, sha256: file_sha256, organization, origin, desired, limits, reviewed };
}

const typesOfLimits: Readonly<Record<string, string>> = {
  max_removals: 'number',
  max_revocations: 'number',
  min_admins: 'number',
  with_api_keys: 'boolean',
  allow_unknown_roles: 'boolean',
  additions_only: 'boolean',
  self: 'string',
} satisfies Required<Record<keyof Limits, string>>;

const textFields = ['organization', 'origin', 'file', 'file_sha256'] as const;

/** Whether what is used of it has the types that were written: who edits a plan can compute its hashes, too. */
function isWritten(fields: object): fields is Pick<SavedPlan, (typeof textFields)[number] | 'limits' | 'changes'> {
  const { changes, limits, ...texts } = fields as Readonly<Record<string, unknown>>;
  const typed = { min_admins: undefined, with_api_keys: undefined, ...Object(limits) };
  return (
    textFields.every((field) => typeof texts[field] === 'string') &&
    Object.entries(typed).every(([key, value]) => typeof value === typesOfLimits[key]) &&
    Array.isArray(changes) &&
    changes.every(isSavedRow)
  );
}

function isSavedRow(row: unknown): row is SavedRow {
  const { action, ...rest } = Object(row) as Readonly<Record<string, unknown>>;
  const isText = (field: string) => typeof rest[field] === 'string';
  return (
    Object.hasOwn(effects, String(action)) &&
    ['email', 'state', 'what', 'why'].every(isText) &&
    Object.entries(rest).every(([field, value]) => value === null || isText(field))
  );
}

/**
 * What was reviewed and is not done now, in sentences: it is no longer needed, or has become a finding. Throws
 * `stale_plan`, with the lines that differ, if a change is due that was not reviewed.
 * @param name Of what was reviewed.
 */
export function leftOutOf(reviewed: readonly SavedRow[], fresh: Plan, name: string): string[] {
  const known = new Set(reviewed.map(changeKey));
  const due = changesOf(fresh);
  const needed = new Set(due.flatMap(keysOf));
  const rest = reviewed.filter((change) => !needed.has(changeKey(change)));
  const added = due.filter((change) => !keysOf(change).some((key) => known.has(key)));
  if (added.length > 0) throw stale(added, rest, name);
  const findings = new EmailMap<Row>();
  // Who signs in otherwise is invited and gets roles all the same.
  for (const row of fresh.rows) if (isFinding(row) && row.action !== 'differs') findings.set(row.email, row);
  return rest.map(({ action, email, what }) => {
    const row = findings.get(email);
    if (row === undefined) return `skipped, no longer needed: ${action} ${email}: ${what}`;
    return `not done: ${action} ${email} is now ${row.action}: ${row.what}`;
  });
}

/** The user of a new person is not known when the plan is made, but is when the plan is resumed. */
function keysOf(change: Change): string[] {
  const row = savedRow(change);
  return [changeKey(row), changeKey({ ...row, user: null })];
}

/** @param rest Reviewed changes, of which one of the same person and kind is shown beside. */
function stale(added: readonly Change[], rest: readonly SavedRow[], name: string): CliError {
  const isAboutRole = ({ action }: Pick<Row, 'action'>) => action === 'grant' || action === 'revoke';
  const isSame = (one: SavedRow, change: Change) =>
    foldEmail(one.email) === foldEmail(change.email) && isAboutRole(one) === isAboutRole(change);
  const lines = added.flatMap((change) => {
    const before = rest.find((one) => isSame(one, change));
    return [...(before === undefined ? [] : [`was: ${inOneLine(before)}`]), `now: ${inOneLine(change)}`];
  });
  return new CliError('stale_plan', `the plan "${name}" no longer matches the organization, nothing was sent`, {
    reason: lines.join('\n'),
    hints: ['make a new plan and review it'],
    target: name,
  });
}

function inOneLine({ action, email, state, what, why }: Row | SavedRow): string {
  return `${action} ${email} (${state}): ${what}; ${why}`;
}
