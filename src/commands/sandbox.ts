import { Option } from 'commander';
import { addressIn } from '../api/email.ts';
import { authTypes, invitationView } from '../api/invitation.ts';
import { crnOf, type Role } from '../api/roles.ts';
import {
  CliCommand,
  type CommandDefinition,
  type CommandFactory,
  type ConfirmationOptions,
  countOption,
} from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { parseUnmistaken, roleOption } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import { viewOf } from '../output/view.ts';
import { isEmail } from '../sandbox/invitations.ts';
import type { OrganizationSeed, PersonSeed, Sandbox, SandboxOptions, Settings } from '../sandbox/sandbox.ts';
import { describeSettings, parseSetting } from '../sandbox/settings.ts';
import { organization, type PersonState, personStates, sandboxKey, timestamp } from '../sandbox/state.ts';
import { invalidArgument } from '../text/suggest.ts';
import { parseDuration, parseTime } from '../text/times.ts';

export const definition: CommandDefinition = (command, bind) => {
  for (const subcommand of [startCommand, seedCommand, addCommand, acceptCommand, expireCommand, resetCommand]) {
    command.addCommand(subcommand(bind));
  }
  return command.description(
    'Manage the built-in imitation of the Confluent Cloud API, whose state is a local file. Use it with "-p sandbox".',
  );
};

export { settingWords } from '../sandbox/settings.ts';

interface StartOptions {
  readonly port: number;
  readonly latency: number;
  readonly rate?: number;
  readonly fail: number;
  readonly switch?: readonly string[];
  readonly keyless?: boolean;
}

const startCommand: CommandFactory = (bind) =>
  new CliCommand('start')
    .addEnding(describeSettings)
    .summary('serve the sandbox to other programs')
    .description(
      'Serve the sandbox on a local port until Ctrl-C, and print the environment variables for a client, or the same ' +
        'values as JSON with "-o json". Only requests whose Host is 127.0.0.1 or localhost are answered.',
    )
    .addOption(countOption('--port <n>', 'local port, 0 for any free one', [0, 65_535]).default(0))
    .addOption(new Option('--latency <duration>', 'delay of each response').default(0, '0ms').argParser(parseLatency))
    .addOption(
      new Option('--rate <n>', 'requests per second before 429').argParser((text) =>
        parseNumber(text, '--rate', [0.01, 100_000]),
      ),
    )
    .addOption(
      new Option('--fail <share>', 'share of requests that fail, from 0 to 1')
        .default(0)
        .argParser((text) => parseNumber(text, '--fail', [0, 1])),
    )
    .option(
      '--switch <name=value>',
      'set an undocumented behavior of the API (repeatable)',
      (text, before: readonly string[] = []) => [...before, text],
    )
    .addOption(
      new Option('--keyless', 'print variables for an identity pool and a job of GitHub Actions, not for a key'),
    )
    .addExamples(
      'invite sandbox start',
      'invite sandbox start --port 8080 --latency 50ms --rate 10 --fail 0.1',
      'invite sandbox start --switch quota=1000 --switch email_filter=ignore_case',
      'invite sandbox start --switch forbidden=users.list,role_bindings.list',
      'invite sandbox start -o json',
    )
    .addView(() => startView)
    .action(bind(start));

async function start(ctx: Context, options: StartOptions): Promise<void> {
  const { serveSandbox } = await import('../sandbox/server.ts');
  const switches: Partial<Settings> = Object.assign({}, ...(options.switch ?? []).map(parseSetting));
  const server = await serveSandbox(await sandboxOf(ctx, { switches }), { ...options, clock: ctx.host.clock });
  try {
    await announce(ctx, await servedAt(server.endpoint, options.keyless === true));
    ctx.say('serving the sandbox; stop it with Ctrl-C');
    await untilStopped(ctx.signal);
  } finally {
    await server.close();
  }
}

/** How a client reaches the sandbox: with a key, or with a pool and a token that it requests as a job of GitHub Actions. */
type Served = Readonly<Partial<Record<(typeof fields)[number], string>>>;

const fields = [
  ...(['endpoint', 'api_key', 'api_secret', 'organization'] as const),
  ...(['identity_pool_id', 'id_token_request_url', 'id_token_request_token'] as const),
] as const;

async function servedAt(endpoint: string, isKeyless: boolean): Promise<Served> {
  if (!isKeyless) return { endpoint, ...sandboxKey, organization: organization.id };
  const { sandboxIssuer, sandboxPool } = await import('../sandbox/sandbox.ts');
  const issuer = sandboxIssuer(endpoint, sandboxKey);
  return { endpoint, organization: organization.id, identity_pool_id: sandboxPool, ...issuer };
}

const variables = {
  api_key: 'CONFLUENT_CLOUD_API_KEY',
  api_secret: 'CONFLUENT_CLOUD_API_SECRET',
  identity_pool_id: 'CONFLUENT_CLOUD_IDENTITY_POOL_ID',
  id_token_request_url: 'ACTIONS_ID_TOKEN_REQUEST_URL',
  id_token_request_token: 'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  endpoint: 'CONFLUENT_CLOUD_ENDPOINT',
} as const;

/** Lines for a shell, unless another format or some fields are asked for. */
async function announce(ctx: Context, served: Served): Promise<void> {
  const { output, fields: chosen } = ctx.globals;
  if (output !== 'table' || chosen !== undefined) return ctx.show(startView, served);
  const names = Object.keys(variables) as (keyof typeof variables)[];
  const lines = names.filter((name) => name in served).map((name) => `${variables[name]}=${served[name]}\n`);
  await ctx.host.stdout.write(lines.join(''));
}

const startView = viewOf<Served>(fields, {
  columns: fields.map((field, rank) => ({ title: field.toUpperCase(), field, rank })),
  id: ({ endpoint }) => endpoint,
});

/** Ctrl-C is the regular end of a server; the end of `--timeout` is an error as for other commands. */
async function untilStopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  const reason: unknown = signal.reason;
  if (!(reason instanceof CliError && reason.code === 'cancelled')) throw reason;
}

const maximumLatency = parseDuration('10m');

function parseLatency(text: string): number {
  const latency = parseDuration(text, '--latency');
  if (latency <= maximumLatency) return latency;
  throw invalidArgument(text, '--latency', 'durations from 0ms to 10m');
}

function parseNumber(text: string, option: string, [minimum, maximum]: readonly [number, number]): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  throw invalidArgument(text, option, `numbers from ${minimum} to ${maximum}`);
}

async function sandboxOf({ host }: Context, options: Pick<SandboxOptions, 'switches'> = {}): Promise<Sandbox> {
  const { openSandbox } = await import('../sandbox/sandbox.ts');
  const { stateDir, clock, processes } = host;
  return openSandbox({ folder: stateDir, clock, processes, ...options });
}

interface SandboxResult {
  readonly outcome: 'seeded' | 'reset';
  readonly count?: number;
  readonly dry_run?: true;
}

const sandboxResultView = viewOf<SandboxResult>(['outcome', 'count', 'dry_run'], {
  columns: [
    { title: 'OUTCOME', field: 'outcome', rank: 0 },
    { title: 'COUNT', field: 'count', rank: 0 },
  ],
});

type Seeded = 'count' | 'members' | 'ssoMembers' | 'left' | 'roleBindings' | 'principals' | 'apiKeys';
type SeedOptions = ConfirmationOptions & Readonly<Partial<Record<Seeded, number>>>;

const defaultCount = 20;
const range = [0, 100_000] as const;

const seedCommand: CommandFactory = (bind) =>
  new CliCommand('seed')
    .summary('add generated data to the sandbox')
    .description(
      'Add generated invitations: accepted, expired and revoked ones, and pending ones within the quota. Members ' +
        'without an invitation, role bindings and API keys are added on request.',
    )
    .addOption(
      countOption('--count <n>', `invitations (default: ${defaultCount}, or 0 with another option)`, [1, 100_000]),
    )
    .addOption(countOption('--members <n>', 'local members without an invitation', range))
    .addOption(countOption('--sso-members <n>', 'single sign-on members without an invitation', range))
    .addOption(countOption('--left <n>', 'people who accepted and have left', range))
    .addOption(countOption('--role-bindings <n>', 'role bindings, distributed over the members', range))
    .addOption(countOption('--principals <n>', 'role bindings of service accounts and groups', range))
    .addOption(countOption('--api-keys <n>', 'API keys, distributed over the members', range))
    .addConfirmationOptions()
    .addExamples(
      'invite sandbox seed',
      'invite sandbox seed --count 1000',
      'invite sandbox seed --members 40 --sso-members 7 --role-bindings 120 --api-keys 12',
    )
    .addView(() => sandboxResultView)
    .action(bind(seed));

async function seed(ctx: Context, options: SeedOptions): Promise<void> {
  const { members = 0, ssoMembers = 0, left = 0, roleBindings = 0, principals = 0, apiKeys = 0 } = options;
  const counts = { members, sso_members: ssoMembers, left, role_bindings: roleBindings, principals, api_keys: apiKeys };
  const others = Object.values(counts).reduce((sum, count) => sum + count);
  const count = options.count ?? (others === 0 ? defaultCount : 0);
  if (!options.dryRun) await (await sandboxOf(ctx)).seed(count, counts);
  const dry = options.dryRun ? { dry_run: true as const } : {};
  await ctx.show(sandboxResultView, { outcome: 'seeded', count: count + others, ...dry });
}

interface AddOptions extends ConfirmationOptions {
  readonly state: PersonState;
  readonly role?: readonly Role[];
  readonly apiKeys?: number;
  readonly invitedAs?: string;
  readonly user?: string;
  readonly fullName?: string;
  readonly authType?: keyof typeof authTypes;
  readonly createdAt?: string;
  readonly expiresAt?: string;
}

const addCommand: CommandFactory = (bind) =>
  new CliCommand('add')
    .summary('add a person in any state, or another principal')
    .description(
      'Add a person in any state, without a mail and without applying the rules of the API. The states member and ' +
        'sso_member have no invitation; left is an accepted invitation whose user has been deleted. A service account ' +
        '(sa-…), an identity pool (pool-…) or a group (group-… or Group:…) is added by its roles and API keys.',
    )
    .argument('<email|principal>', 'the e-mail of the person, or the other principal', addressIn)
    .addOption(new Option('--state <state>', 'state of the person').choices(personStates).default('accepted'))
    .addOption(roleOption('role', parseUnmistaken))
    .addOption(countOption('--api-keys <n>', 'number of API keys owned', [0, 100_000]))
    .option('--invited-as <email>', 'e-mail of the invitation, if that of the user has changed since')
    .option('--user <id>', 'id of the user')
    .option('--full-name <text>', 'name of the user')
    .addOption(new Option('--auth-type <type>', 'how the person signs in').choices(Object.keys(authTypes)))
    .addOption(timeOption('--created-at <time>', 'creation of the invitation or user'))
    .addOption(timeOption('--expires-at <time>', 'expiry of the invitation'))
    .addConfirmationOptions()
    .addExamples(
      'invite sandbox add gus@example.com --state left',
      'invite sandbox add deb@example.com --state sso_member --role MetricsViewer --api-keys 2',
      'invite sandbox add eve.smith@example.com --invited-as eve.miller@example.com',
      'invite sandbox add pool-ci --role EnvironmentAdmin@env-abc',
    )
    .addView(() => personView)
    .action(bind(add));

async function add(ctx: Context, name: string, options: AddOptions): Promise<void> {
  const { state, dryRun } = options;
  const principal = isEmail(name) ? undefined : principalOf(name, options);
  const shown: AddedPerson = principal === undefined ? { email: name, state } : { principal };
  if (dryRun) return ctx.show(personView, { ...shown, dry_run: true });
  const sandbox = await sandboxOf(ctx);
  const [added] = await sandbox.populate(seedOf(name, principal, options));
  await ctx.show(personView, { ...shown, ...added });
}

function seedOf(name: string, principal: string | undefined, options: AddOptions): OrganizationSeed {
  const { state, apiKeys = 0, authType, invitedAs, user, fullName, createdAt, expiresAt } = options;
  const roles = (options.role ?? []).map((role) => {
    return { role_name: role.role_name, crn_pattern: crnOf(role, organization.id) };
  });
  if (principal !== undefined) {
    const owner = principal.slice(principal.indexOf(':') + 1);
    return {
      role_bindings: roles.map((role) => ({ principal, ...role })),
      api_keys: Array.from({ length: apiKeys }, () => ({ owner })),
    };
  }
  const person: PersonSeed = {
    email: name,
    state,
    roles,
    api_keys: apiKeys,
    user,
    invited_as: invitedAs,
    full_name: fullName,
    auth_type: authType && authTypes[authType],
    created_at: createdAt,
    expires_at: expiresAt,
  };
  return { people: [person] };
}

/** `sa-1`, `pool-1`, `group-1`, `User:…` or `Group:…`, as role bindings name it. Throws `usage` on anything else. */
function principalOf(name: string, { role = [], apiKeys = 0 }: AddOptions): string {
  const isPrincipal = /^(?:(?:User|Group):.+|(?:sa|pool|group)-.+)$/.test(name);
  if (!isPrincipal) {
    const hints = ['a person has an e-mail; other principals are sa-…, pool-…, group-…, User:… and Group:…'];
    throw new CliError('usage', `"${name}" is neither an e-mail nor a principal`, { hints });
  }
  if (role.length + apiKeys > 0) return name.includes(':') ? name : `User:${name}`;
  throw new CliError('usage', `"${name}" is known only by its roles and API keys`, {
    hints: [`invite sandbox add ${name} --role MetricsViewer`],
  });
}

/** A time becomes RFC 3339 in UTC with microseconds, as the API writes it. */
function timeOption(flags: string, description: string): Option {
  const option = new Option(flags, description);
  return option.argParser((text) => {
    const time = parseTime(text) ?? parseTime(`${text}T00:00:00Z`);
    if (time !== undefined) return timestamp(time);
    throw invalidArgument(text, option.long ?? flags, 'times such as 2026-01-31T12:00:00Z, and days');
  });
}

interface AddedPerson {
  readonly email?: string;
  readonly state?: PersonState;
  readonly user?: string;
  readonly invitation?: string;
  readonly principal?: string;
  readonly dry_run?: true;
}

const personView = viewOf<AddedPerson>(['email', 'state', 'user', 'invitation', 'principal', 'dry_run'], {
  columns: [
    { title: 'EMAIL', field: 'email', rank: 0, narrowest: 12 },
    { title: 'STATE', field: 'state', rank: 0 },
    { title: 'USER', field: 'user', rank: 1 },
  ],
  id: ({ user, principal }) => user ?? principal,
});

function ending(what: 'accept' | 'expire', description: string): CommandFactory {
  const end = async (ctx: Context, target: string, { dryRun = false }: ConfirmationOptions): Promise<void> => {
    const sandbox = await sandboxOf(ctx);
    await ctx.show(invitationView, await sandbox[what](target, { dryRun }));
    if (dryRun) ctx.say('dry run: nothing was changed');
  };
  return (bind) =>
    new CliCommand(what)
      .summary(`${what} an invitation`)
      .description(description)
      .argument('<id|email>', 'the id or e-mail of the invitation', addressIn)
      .addConfirmationOptions()
      .addExamples(`invite sandbox ${what} ann@example.com`, `invite sandbox ${what} ann@example.com -o id`)
      .addView(() => invitationView)
      .action(bind(end));
}

const acceptCommand = ending(
  'accept',
  'Accept a pending invitation in place of its recipient, who becomes a member. No mail is involved.',
);

const expireCommand = ending('expire', 'Make a pending invitation expire now.');

const resetCommand: CommandFactory = (bind) =>
  new CliCommand('reset')
    .summary('delete all data of the sandbox')
    .description('Delete all data of the sandbox, even if its file is damaged.')
    .addConfirmationOptions()
    .addExamples('invite sandbox reset', 'invite sandbox reset --yes')
    .addView(() => sandboxResultView)
    .action(bind(resetSandbox));

async function resetSandbox(ctx: Context, { yes = false, dryRun = false }: ConfirmationOptions): Promise<void> {
  if (dryRun) return ctx.show(sandboxResultView, { outcome: 'reset', dry_run: true });
  const message = `delete all invitations, members and role bindings of the sandbox in ${ctx.host.stateDir}?`;
  // The data are not real, so a script need not pass --yes.
  await ctx.confirm({ lines: [message], answered: yes || ctx.prompter() === undefined });
  const sandbox = await sandboxOf(ctx);
  await sandbox.reset();
  await ctx.show(sandboxResultView, { outcome: 'reset' });
}
