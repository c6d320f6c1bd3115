import { createHash } from 'node:crypto';
import { foldEmail } from '../api/email.ts';
import { authTypes } from '../api/invitation.ts';
import { formatRole } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import { fileKey, jsonValue, lineKey } from '../people/document.ts';
import { FileProblems } from '../people/problems.ts';
import { formatDuration } from '../text/durations.ts';
import type { Desired, DesiredPerson } from './desired.ts';
import {
  type Action,
  actions,
  additions,
  type Change,
  compareTexts,
  isOneOf,
  type Notice,
  type Row,
  removals,
} from './plan.ts';
import { readDocument } from './read-document.ts';
import { teamKey, withinKey } from './read-roles.ts';
import type { Limits } from './safety.ts';

const version = 1;

/** A plan in a file, to be reviewed and applied later. */
export interface SavedPlan {
  readonly organization: string;
  /** The origin of the API. */
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
  readonly changes: readonly SavedChange[];
  /** Rows that need a decision by a person; nothing is done about them. */
  readonly findings: readonly SavedRow[];
  /** What the reviewer was shown first. */
  readonly notice: Notice;
  readonly fingerprint: string;
}

/** A row of a plan for readers and programs. */
interface SavedRow {
  readonly action: Action;
  readonly email: string;
  readonly user: string | null;
  /** How an invited person is to sign in, if the file says it. */
  readonly auth_type: string | null;
  readonly role_name: string | null;
  /** Percent-decoded. */
  readonly crn_pattern: string | null;
  readonly state: string;
  readonly what: string;
  readonly why: string;
}

/** A change without the ids of invitations and bindings, so that a resend or an acceptance does not alter it. */
export interface SavedChange extends SavedRow {
  readonly action: Change['action'];
}

export function savedRow<R extends Row>({ action, email, user, auth_type, role, state, what, why }: R) {
  return {
    action: action as R['action'],
    email,
    user: user ?? null,
    auth_type: auth_type === undefined ? null : authTypes[auth_type],
    role_name: role?.role_name ?? null,
    crn_pattern: role?.crn ?? null,
    ...{ state, what, why },
  } satisfies SavedRow;
}

/** Identifies what a plan does and may do, without times and in any order. */
export function fingerprintOf({
  organization,
  limits,
  changes,
}: Pick<SavedPlan, 'organization' | 'limits' | 'changes'>): string {
  return hashOf([organization, limits, changes.map(keyOf).sort(compareTexts)]);
}

/** Of the whole document: an edit of anything in it is noticed. */
function checksumOf({ checksum: _, ...rest }: Readonly<Record<string, unknown>>): string {
  return hashOf(rest);
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** JSON in which the order of keys does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => compareTexts(one, other)))
      : inner,
  );
}

/** The first characters, as shown to people. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 8);
}

/** Equal for two changes that do the same. State and words follow from the rest and from the time. */
export function keyOf({ state: _state, what: _what, why: _why, ...does }: SavedChange): string {
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
  const { organization, managed, auth_type, reinvite, ignore, people } = desired;
  return {
    version: 1,
    organization,
    managed,
    auth_type,
    reinvite: reinvite === 0 ? 'never' : formatDuration(reinvite),
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
  const within = managedWithin?.map(({ scope }) => scope);
  const place = { [lineKey]: line, [fileKey]: file };
  return { email, was, roles: listed, auth_type, until: until?.text, note, ...place, [withinKey]: within };
}

/** Whether a parsed JSON document is a saved plan, and not a membership file. */
export function isSavedPlan(document: unknown): document is object {
  return typeof document === 'object' && document !== null && Object.hasOwn(document, 'invite_plan');
}

/** Throws `invalid_file` if the plan has another version, is damaged or was edited. */
export function parsePlan(document: object, name: string): SavedPlan {
  const refuse = (reason: string) =>
    new CliError('invalid_file', `cannot use the plan "${name}"`, {
      reason,
      target: name,
      hints: ['make a new one with invite plan'],
    });
  const plan = document as Readonly<Record<string, unknown>>;
  if (plan.invite_plan !== version)
    throw refuse(`its version is ${JSON.stringify(plan.invite_plan)}, ${version} is known`);
  const text = (key: string) => {
    const value = Object.hasOwn(plan, key) ? plan[key] : undefined;
    if (typeof value !== 'string') throw refuse(`it has no "${key}"`);
    return value;
  };
  if (text('checksum') !== checksumOf(plan)) throw refuse('it was edited: its checksum is another');
  if (!Array.isArray(plan.changes) || !plan.changes.every(isSavedChange)) throw refuse('its changes are damaged');
  if (!Array.isArray(plan.findings) || !plan.findings.every(isSavedRow)) throw refuse('its findings are damaged');
  const saved = {
    organization: text('organization'),
    origin: text('origin'),
    key_id: text('key_id'),
    file: text('file'),
    file_sha256: text('file_sha256'),
    made_at: text('made_at'),
    fingerprint: text('fingerprint'),
    changes: plan.changes,
    findings: plan.findings,
    notice: plan.notice as Notice,
    limits: limitsIn(plan.limits, refuse),
  };
  if (fingerprintOf(saved) !== saved.fingerprint) throw refuse('it was edited: its fingerprint is another');
  const problems = new FileProblems();
  const desired = readDocument(jsonValue(plan.desired), problems, {
    allowUnicode: true,
    allowTypos: true,
    isSaved: true,
  });
  problems.throwIfAny(name, [], 'use the plan');
  return { ...saved, desired };
}

function isSavedChange(value: unknown): value is SavedChange {
  return isSavedRow(value) && (isOneOf(removals, value.action) || isOneOf(additions, value.action));
}

function isSavedRow(value: unknown): value is SavedRow {
  if (typeof value !== 'object' || value === null) return false;
  const { action, email, user, auth_type, role_name, crn_pattern, state, what, why } = value as Record<string, unknown>;
  const isTextOrNull = (field: unknown) => field === null || typeof field === 'string';
  return (
    typeof action === 'string' &&
    isOneOf(actions, action) &&
    [email, state, what, why].every((field) => typeof field === 'string') &&
    [user, auth_type, role_name, crn_pattern].every(isTextOrNull)
  );
}

function limitsIn(value: unknown, refuse: (reason: string) => CliError): Limits {
  if (typeof value !== 'object' || value === null) throw refuse('it has no "limits"');
  const limits = value as Record<string, unknown>;
  const { max_removals, max_revocations, min_admins, with_api_keys, allow_unknown_roles, additions_only, self } =
    limits;
  const isCount = (field: unknown): field is number =>
    typeof field === 'number' && Number.isSafeInteger(field) && field >= 0;
  const isValid =
    isCount(min_admins) &&
    typeof with_api_keys === 'boolean' &&
    [allow_unknown_roles, additions_only].every((flag) => flag === undefined || typeof flag === 'boolean') &&
    [max_removals, max_revocations].every((field) => field === undefined || isCount(field)) &&
    (self === undefined || typeof self === 'string');
  if (!isValid) throw refuse('its limits are damaged');
  return value as Limits;
}
