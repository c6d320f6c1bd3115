import { expect } from 'vitest';
import type { OrganizationSeed, PersonSeed, Settings } from '../../src/sandbox/sandbox.ts';
import { type ObservedSandbox, observeSandbox } from '../support/observed-sandbox.ts';

export {
  answering,
  before,
  changing,
  firstOf,
  type Hook,
  losing,
  removeElsewhere,
} from '../support/observed-sandbox.ts';
export { atTerminal } from '../support/run-cli.ts';

export const organization = '00000000-0000-4000-8000-73616e64626f';
export const root = `crn://confluent.cloud/organization=${organization}`;
export const owner = '  - { email: owner@sandbox.example, roles: [OrganizationAdmin] }';

export interface MembershipApi extends ObservedSandbox {
  /** A YAML file of this organization. */
  file(managed: string, people: string, more?: string): string;
  /** What changed something since the last time it was asked. */
  changes(): string[];
  /** Who holds which roles, and who is invited, by the lists of the API. */
  state(): Promise<string[]>;
}

/** The sandbox behind a socket, with people in it, and a clock for which nobody waits. */
export async function openMembershipApi(
  seed: OrganizationSeed = {},
  switches: Partial<Settings> = {},
): Promise<MembershipApi> {
  const observed = await observeSandbox(switches);
  const { requests, sandbox } = observed;
  await sandbox.populate(seed);
  let seen = 0;
  const api: MembershipApi = Object.assign(observed, {
    file: (managed: string, people: string, more = '') =>
      observed.write('people.yaml', fileText(managed, people, more)),
    changes: () => {
      const fresh = requests.slice(seen).filter((request) => !request.startsWith('GET'));
      seen = requests.length;
      return fresh;
    },
    state: async () => {
      const { stdout } = await api.invite('export -o json --sso');
      const { people } = JSON.parse(stdout) as { people: { email: string; roles: string[] }[] };
      return people.map(({ email, roles }) => [email, ...roles].join(' '));
    },
  });
  return api;
}

export function fileText(managed: string, people: string, more = ''): string {
  const head = `version: 1\norganization: ${organization}\nmanaged: ${managed}\n`;
  return `${head}${more}people:${people === '' ? ' []' : `\n${people}`}\n`;
}

/** Somebody who was never invited and is there, with these roles. */
export function member(name: string, ...roles: string[]): PersonSeed & { readonly email: string } {
  return { email: `${name}@example.com`, state: 'member', roles };
}

/** Somebody in a file, with these roles. */
export function line(name: string, ...roles: string[]): string {
  return `  - { email: ${name}@example.com, roles: [${roles.join(', ')}] }`;
}

export const lines = (...all: string[]) => all.join('\n');

/** Applies without a question, and says the exit code, each result as `created ann`, and the code of the failure. */
export async function apply(api: MembershipApi, words: string) {
  const { rows, ...ran } = await rowsOf(api, `apply ${words} --yes`);
  return { ...ran, outcomes: outcomes(rows).sort() };
}

/** Saves a plan, as a reviewer gets it. */
export async function savePlan(api: MembershipApi, words: string): Promise<string> {
  const { code, stdout } = await api.invite(`plan ${words} -o json`);
  expect(code).toBe(0);
  return api.write('plan.json', stdout);
}

/** Each line of NDJSON. */
export function linesIn(stdout: string): Readonly<Record<'action' | 'email' | 'what' | 'why' | 'outcome', string>>[] {
  return stdout
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text));
}

/** The rows of a plan, each as `action email: what (why)`, without the folder of the files. */
export async function planned(api: MembershipApi, words: string) {
  const { code, stdout, stderr } = await api.invite(`plan ${words} -o ndjson`);
  const here = (text: string) => text.replaceAll(`${api.folder}/`, '');
  const rows = linesIn(stdout).map(({ action, email, what, why }) => `${action} ${email}: ${what} (${here(why)})`);
  return { code, rows, stderr: here(stderr) };
}

type State = NonNullable<PersonSeed['state']>;

export const person = (name: string, state: State, more: Partial<PersonSeed> = {}): PersonSeed => ({
  email: `${name}@example.com`,
  state,
  user: `u-${name}`,
  ...more,
});

const env = { role_name: 'EnvironmentAdmin', crn_pattern: `${root}/environment=env-a` };

/** The four kinds of member, and what an invitation can be. */
export const everybody: readonly PersonSeed[] = [
  person('invited', 'accepted', { roles: [env] }),
  person('founder', 'member', { roles: ['MetricsViewer'] }),
  person('sso', 'sso_member', { roles: [env] }),
  person('gone', 'left'),
  person('pending', 'pending', { roles: ['MetricsViewer', env] }),
  person('expired', 'expired', { roles: ['MetricsViewer'] }),
  person('revoked', 'deactivated', { roles: [env] }),
  person('new', 'accepted', { invited_as: 'old@example.com' }),
];

export interface Row {
  readonly email: string;
  readonly state: string;
  readonly roles: readonly { readonly role_name: string; readonly outcome?: string }[];
  readonly outcome: string;
  readonly error?: { readonly code: string };
}

export async function rowsOf(api: MembershipApi, words: string, stdin = '') {
  const { code, stdout, stderr } = await api.invite(`${words} -o json`, { stdin });
  const value = stdout === '' ? [] : JSON.parse(stdout);
  const rows: Row[] = Array.isArray(value) ? value : [value];
  const error = code === 0 ? undefined : (JSON.parse(stderr.trim().split('\n').at(-1) ?? '{}').error.code as string);
  return { code, rows, stderr, error };
}

export const outcomes = (rows: readonly Row[]) => rows.map(({ outcome, email }) => `${outcome} ${email.split('@')[0]}`);

/** The bindings that a pattern of the API finds, either way. */
export const both: readonly Partial<Settings>[] = [
  { crn_pattern: 'by_part' },
  { crn_pattern: 'by_scope', crn_colon: 'encoded' },
];
