import { createHash } from 'node:crypto';
import { foldEmail } from '../api/email.ts';
import { formatRole } from '../api/roles.ts';
import { CliError } from '../errors.ts';
import { FileProblems } from '../people/problems.ts';
import { formatDuration } from '../text/durations.ts';
import type { Desired, DesiredPerson } from './desired.ts';
import { jsonValue, lineKey } from './document.ts';
import { additions, type Change, compareTexts, isOneOf, removals } from './plan.ts';
import { readDocument } from './read-document.ts';
import { teamKey } from './read-roles.ts';
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
  readonly fingerprint: string;
}

/** A change without the ids of invitations and bindings, so that a resend or an acceptance does not alter it. */
export interface SavedChange {
  readonly action: Change['action'];
  readonly email: string;
  readonly user: string | null;
  readonly role_name: string | null;
  /** Percent-decoded. */
  readonly crn_pattern: string | null;
  readonly state: string;
  readonly what: string;
  readonly why: string;
}

export function savedChange({ action, email, user, role, state, what, why }: Change): SavedChange {
  return {
    action,
    email,
    user: user ?? null,
    role_name: role?.role_name ?? null,
    crn_pattern: role?.crn ?? null,
    state,
    what,
    why,
  };
}

/** Identifies a plan by its organization and its changes, without times and in any order. */
export function fingerprintOf(organization: string, changes: readonly SavedChange[]): string {
  const keys = changes.map(keyOf).sort(compareTexts);
  return createHash('sha256')
    .update(JSON.stringify([organization, keys]))
    .digest('hex');
}

/** The first characters, as shown to people. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 8);
}

/** Equal for two changes that do the same. */
export function keyOf({ action, email, user, role_name, crn_pattern }: SavedChange): string {
  return JSON.stringify([action, foldEmail(email), user, role_name, crn_pattern]);
}

/** The plan as JSON. `desired` has the format of a membership file, plus the line numbers of the reviewed one. */
export function planRecord(saved: SavedPlan): Record<string, unknown> {
  return { invite_plan: version, ...saved, desired: desiredRecord(saved.desired) };
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

function personRecord({ line, email, auth_type, until, note, roles }: DesiredPerson): Record<string, unknown> {
  const listed = roles?.map((entry) => ({
    role: formatRole(entry.role),
    until: entry.until?.text,
    [lineKey]: entry.line,
    [teamKey]: entry.team,
  }));
  return { email, roles: listed, auth_type, until: until?.text, note, [lineKey]: line };
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
  if (!Array.isArray(plan.changes) || !plan.changes.every(isSavedChange)) throw refuse('its changes are damaged');
  const saved = {
    organization: text('organization'),
    origin: text('origin'),
    key_id: text('key_id'),
    file: text('file'),
    file_sha256: text('file_sha256'),
    made_at: text('made_at'),
    fingerprint: text('fingerprint'),
    changes: plan.changes,
    limits: limitsIn(plan.limits, refuse),
  };
  if (fingerprintOf(saved.organization, saved.changes) !== saved.fingerprint)
    throw refuse('it was edited: its fingerprint is another');
  const problems = new FileProblems();
  const desired = readDocument(jsonValue(plan.desired), problems, { allowUnicode: true });
  problems.throwIfAny(name, [], 'use the plan');
  return { ...saved, desired };
}

function isSavedChange(value: unknown): value is SavedChange {
  if (typeof value !== 'object' || value === null) return false;
  const { action, email, user, role_name, crn_pattern, state, what, why } = value as Record<string, unknown>;
  const isKnown = typeof action === 'string' && (isOneOf(removals, action) || isOneOf(additions, action));
  const isTextOrNull = (field: unknown) => field === null || typeof field === 'string';
  return (
    isKnown &&
    [email, state, what, why].every((field) => typeof field === 'string') &&
    [user, role_name, crn_pattern].every(isTextOrNull)
  );
}

function limitsIn(value: unknown, refuse: (reason: string) => CliError): Limits {
  if (typeof value !== 'object' || value === null) throw refuse('it has no "limits"');
  const { max_removals, max_revocations, min_admins, with_api_keys, self } = value as Record<string, unknown>;
  const isCount = (field: unknown): field is number =>
    typeof field === 'number' && Number.isSafeInteger(field) && field >= 0;
  const isValid =
    isCount(min_admins) &&
    typeof with_api_keys === 'boolean' &&
    [max_removals, max_revocations].every((field) => field === undefined || isCount(field)) &&
    (self === undefined || typeof self === 'string');
  if (!isValid) throw refuse('its limits are damaged');
  return value as Limits;
}
