import { Option } from 'commander';
import { CliCommand, type CommandDefinition, type CommandFactory, countOption, repeatable } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { viewOf } from '../output/view.ts';
import type { Settings } from '../sandbox/sandbox.ts';
import { describeSettings, parseSetting } from '../sandbox/settings.ts';
import { organization, sandboxKey } from '../sandbox/state.ts';
import { invalidArgument } from '../text/suggest.ts';
import { parseDuration } from '../text/times.ts';
import {
  sandboxAcceptCommand,
  sandboxAddCommand,
  sandboxExpireCommand,
  sandboxOf,
  sandboxResetCommand,
  sandboxSeedCommand,
} from './sandbox/data.ts';

export const definition: CommandDefinition = (command, bind) => {
  const changes = [
    sandboxSeedCommand,
    sandboxAddCommand,
    sandboxAcceptCommand,
    sandboxExpireCommand,
    sandboxResetCommand,
  ];
  for (const subcommand of [sandboxStartCommand, ...changes]) command.addCommand(subcommand(bind));
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

const sandboxStartCommand: CommandFactory = (bind) =>
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
    .addOption(
      repeatable('--switch <name=value>', 'set an undocumented behavior of the API (repeatable)', (text) => text),
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
    .action(bind(start));

async function start(ctx: Context, options: StartOptions): Promise<void> {
  ctx.expect(startView);
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

/** Lines for a shell, unless another format is asked for. */
async function announce(ctx: Context, served: Served): Promise<void> {
  if (ctx.globals.output !== 'table') return ctx.show(startView, served);
  const names = Object.keys(variables) as (keyof typeof variables)[];
  const lines = names.filter((name) => name in served).map((name) => `${variables[name]}=${served[name]}\n`);
  await ctx.host.stdout.write(lines.join(''));
}

export const startView = viewOf<Served>(fields, {
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
