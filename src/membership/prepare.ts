import { Domains, foldEmail, misspelledAmong, misspelledLines, refuseExternal } from '../api/email.ts';
import { organizationName } from '../api/organizations.ts';
import type { Context } from '../cli/context.ts';
import { allowedDomains } from '../cli/invite-options.ts';
import { CliError, ifPossible } from '../errors.ts';
import { decide, usersToRemove } from './decide.ts';
import type { ApiKeys } from './decide-person.ts';
import { checkScopes, type Desired, mergeDesired, type Reject } from './desired.ts';
import { checkAddresses, checkIgnored, filesOf, problemsOf, readDesired, readPeopleFile } from './file.ts';
import { type Access, accessOf, observe } from './observe.ts';
import type { Observed } from './observed.ts';
import { type Change, changesOf, isFinding, type Plan, withoutRemovals } from './plan.ts';
import { limitsIn, type PlanOptions, refuseOptions } from './plan-options.ts';
import type { Caller } from './safety.ts';
import {
  fingerprintOf,
  isSavedPlan,
  leftOutOf,
  type PlanInput,
  parsePlan,
  type SavedPlan,
  savedRow,
  sha256,
} from './saved-plan.ts';

/** Reads the files of one organization, or the one that was named. A folder stands for every file of people in it. */
export async function readPlanInputs(ctx: Context, typed: readonly string[], options: PlanOptions): Promise<PlanInput> {
  const [only = '-', ...more] = typed.flatMap((name) => filesOf(ctx, name));
  if (more.length === 0) return readPlanInput(ctx, only, options);
  const inputs: PlanInput[] = [];
  // As all paths of a terminal begin, without that: `teams/payments.yaml`.
  for (const file of [only, ...more])
    inputs.push({ ...(await readPlanInput(ctx, file, options)), name: file.replace(/^(?:\.\/)+/, '') });
  const saved = inputs.find((input) => input.reviewed !== undefined);
  if (saved !== undefined) throw new CliError('usage', `the saved plan "${saved.name}" is applied by itself`);
  return { ...merged(ctx, inputs), limits: limitsIn(options) };
}

function merged(ctx: Context, inputs: readonly PlanInput[]) {
  const lines: string[] = [];
  const reject: Reject = ({ file = '', line }, message) => {
    ctx.github.reject({ file, line, message });
    lines.push(`${file}: line ${line}: ${message}`);
  };
  const desired = mergeDesired(inputs, reject);
  checkAddresses(desired, reject);
  checkIgnored(desired, reject);
  if (lines.length > 0) {
    throw new CliError('invalid_file', 'the files contradict each other, nothing was sent', {
      reason: lines.join('\n'),
    });
  }
  const names = inputs.map((input) => input.name).sort();
  const name = names.length > 3 ? `${names.length} files` : names.join(', ');
  const hashes = inputs.map((input) => `${input.name} ${input.sha256}`).sort();
  return { name, file: name, sha256: sha256(hashes.join('\n')), organization: desired.organization, desired };
}

export async function readPlanInput(ctx: Context, file: string, options: PlanOptions): Promise<PlanInput> {
  const source = await readPeopleFile(ctx, file);
  const { name, bytes, text } = source;
  // The reader of people says what is wrong with other JSON.
  const document: unknown = /^\s*\{/.test(text) ? ifPossible(() => JSON.parse(text)) : undefined;
  const domains = allowedDomains(ctx, options);
  if (isSavedPlan(document)) {
    const input = parsePlan(document, source);
    refuseOptions(options, name);
    refuseExternal(emailsIn(input.desired), domains);
    return input;
  }
  if (/^\s*invite_plan:/.test(text)) {
    const hints = ['invite plan people.yaml -o json > plan.json'];
    const reason = 'a saved plan is JSON, and this is YAML';
    throw new CliError('invalid_file', `cannot use the plan "${name}"`, { reason, hints, target: name });
  }
  const desired = await readDesired(ctx, source, { ...options, allowedDomains: domains });
  for (const line of misspelledLines(misspelledAmong(emailsIn(desired), domains))) ctx.say(`warning: ${line}`);
  const path = file === '-' ? undefined : file;
  const { organization } = desired;
  return { name, file: name, path, sha256: sha256(bytes), organization, desired, limits: limitsIn(options) };
}

function emailsIn({ people }: Desired): string[] {
  return people.map(({ email }) => email);
}

export interface Location extends Pick<Access, 'key_id' | 'findCaller' | 'tools'> {
  readonly organization: string;
  /** For sentences. */
  readonly name: string;
  /** Of the API. */
  readonly origin: string;
}

/** Finds out the organization. Throws `invalid_file` if the file is for another one, as with the wrong profile. */
export async function locate(
  ctx: Context,
  input: Pick<PlanInput, 'name' | 'organization' | 'origin'>,
): Promise<Location> {
  const { findOrganization, ...access } = await accessOf(ctx);
  const organization = await findOrganization();
  const place = { origin: ctx.identity().endpoint.origin, organization: organization.id };
  for (const field of ['origin', 'organization'] as const) {
    const wanted = input[field];
    const target = input.name;
    if (wanted === undefined || wanted.toLowerCase() === place[field].toLowerCase()) continue;
    const reason = `it is for the ${field} "${wanted}", and the API key belongs to "${place[field]}"`;
    const hints = ['choose another profile with --profile'];
    throw new CliError('invalid_file', `cannot use "${target}", nothing was sent`, { reason, hints, target });
  }
  return { ...place, ...access, name: organizationName(organization) };
}

/** A file that does not name its organization shows only now that it is about another one, or ignores what it lists. */
function checkInOrganization(ctx: Context, { name, path, desired }: PlanInput, organization: string): void {
  const problems = problemsOf(ctx, path ?? '-');
  const reject: Reject = ({ line, file }, message) =>
    problems.add(line, file === undefined ? message : `${file}: ${message}`);
  checkScopes(desired, organization, reject);
  const hints = problems.count > 0 ? ['choose another profile with --profile'] : [];
  if (desired.organization === undefined) checkIgnored({ ...desired, organization }, reject);
  problems.throwIfAny(name, hints, 'use');
}

/** Warns of new people whose domain is nearly that of most of the organization, unless the file itself shows it. */
export function warnOfSlips(ctx: Context, { desired, reviewed }: PlanInput, { people }: Observed): void {
  const domains = new Domains();
  for (const email of people.keys()) domains.add(email);
  if (reviewed !== undefined || domains.most === undefined) return;
  const emails = emailsIn(desired);
  const said = new Set(misspelledAmong(emails).map(({ email }) => email));
  const isNew = (email: string) => !people.has(foldEmail(email)) && !said.has(email);
  const slips = misspelledAmong(emails, [domains.most]).filter(({ email }) => isNew(email));
  for (const line of misspelledLines(slips)) ctx.say(`warning: ${line}`);
}

export interface MadePlan extends Pick<PlanInput, 'path' | 'limits'> {
  readonly plan: Plan;
  readonly observed: Observed;
  readonly caller: Caller;
  readonly apiKeys: ApiKeys;
  /** Of the monotonic clock, in milliseconds: when the organization was looked at. */
  readonly lookedAt: number;
  /** To be carried out later. */
  readonly document: SavedPlan;
  /** To be carried out now; all of them were reviewed, if there was a review. */
  readonly changes: readonly Change[];
  /** What was reviewed and is not done now, in sentences. */
  readonly notDone: readonly string[];
}

/** Observes the organization and decides. Throws `stale_plan` if more is due than was reviewed. */
export async function makePlan(
  ctx: Context,
  input: PlanInput,
  location: Location,
  reviewed = input.reviewed,
): Promise<MadePlan> {
  const { name, file, path, desired, limits } = input;
  const { organization, origin, key_id, findCaller, tools } = location;
  checkInOrganization(ctx, input, organization);
  const lookedAt = ctx.host.clock.monotonic();
  const caller = findCaller();
  const observed = await observe(tools, { organization, caller, recheck: emailsIn(desired), now: ctx.now });
  const now = ctx.now();
  const { allow_unknown_roles: allowUnknownRoles = false } = limits;
  const question = { desired, observed, now, file, allowUnknownRoles };
  const apiKeys = await tools.apiKeys.ownedBy(usersToRemove(question));
  const decided = decide({ ...question, apiKeys, withApiKeys: limits.with_api_keys });
  const plan = limits.additions_only === true ? withoutRemovals(decided) : decided;
  const changes = changesOf(plan);
  const notDone = reviewed === undefined ? [] : leftOutOf(reviewed, plan, name);
  const rows = changes.map(savedRow);
  const findings = plan.rows.filter(isFinding).map(savedRow);
  const document: SavedPlan = {
    organization,
    origin,
    key_id,
    file,
    file_sha256: input.sha256,
    made_at: new Date(now).toISOString(),
    desired,
    limits,
    changes: rows,
    findings,
    notice: plan.notice,
    fingerprint: fingerprintOf({ organization, limits, changes: rows }),
  };
  return { path, plan, observed, lookedAt, limits, caller: await caller, apiKeys, document, changes, notDone };
}
