import { type Command, CommanderError } from 'commander';
import {
  type BindAction,
  changesSomething,
  checkFieldsFor,
  concurrencyOf,
  formatsOf,
  pathOf,
  readLine,
  refuseCommandAsValue,
  refuseFieldsAsArgument,
  refuseSwallowedOptions,
} from './cli/command.ts';
import type { Context } from './cli/context.ts';
import { failureOptions, type RawOptions, resolveGlobals, withFlagsInHints } from './cli/global-options.ts';
import { CliError, ioError } from './errors.ts';
import { type Host, OutputClosed, realHost, refuseRelativeFolders } from './host.ts';
import { createRedactor, loginsIn, type Redactor } from './http/redact.ts';
import { formatDefinition } from './output/formats.ts';
import { colorLevel, loadStyle, type Style } from './output/style.ts';
import { buildProgram } from './program.ts';
import { jsonText } from './text/json-fields.ts';
import { clean, cleanLines } from './text/sanitize.ts';

export function start(argv: readonly string[]): Promise<number> {
  return main(argv, realHost());
}

const secretVariables = [
  'CONFLUENT_CLOUD_API_SECRET',
  'CONFLUENT_CLOUD_ACCESS_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
];

/** Runs one command line and returns its exit code. The only place where a failure is caught and reported. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const redactor = createRedactor();
  for (const name of secretVariables) {
    const value = host.env[name];
    if (value !== undefined) redactor.addSecret(value.trim());
  }
  for (const login of loginsIn(argv, host.env.CONFLUENT_CLOUD_ENDPOINT)) redactor.addSecret(login);
  const printed: string[] = [];
  let program: Command | undefined;
  try {
    const columns = () => (host.stdout.isTTY ? host.stdout.columns : undefined);
    program = await buildProgram(binding(host, redactor), { write: (text) => printed.push(text), columns }, argv);
    await run(program, argv);
    if (printed.length > 0) await host.stdout.write(printed.join(''));
    return 0;
  } catch (error) {
    // Options that were parsed before the failure decide how it is reported.
    return await report(error, program?.opts() ?? {}, { host, redactor });
  }
}

async function run(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(readLine(program, argv).words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    refuseCommandAsValue(program);
    // Where only the subcommand is missing, the help of its group has been printed.
    if (error.exitCode === 0 || error.code === 'commander.help') return;
    const { usageError } = await import('./cli/usage-errors.ts');
    throw usageError(error, program, argv);
  }
}

function binding(host: Host, redactor: Redactor): BindAction {
  return <Args extends unknown[]>(run: (ctx: Context, ...args: Args) => Promise<void>) =>
    async (...args: [...Args, Command]) => {
      const command = args.at(-1) as Command;
      refuseSwallowedOptions(command);
      await refuseFieldsAsArgument(command);
      refuseRelativeFolders(host.env);
      await refuseChange(command, host.env);
      refuseConcurrency(command, host);
      const globals = resolveGlobals(command.optsWithGlobals(), host.env, formatsOf(command));
      await checkFieldsFor(command, globals.fields);
      // Not needed for help.
      const { openContext } = await import('./cli/context.ts');
      const timeout = command.name() === 'wait' ? undefined : globals.timeout;
      const ctx = await openContext({ host, globals, redactor, timeout });
      try {
        await run(ctx, ...(args.slice(0, -1) as unknown as Args));
      } finally {
        await ctx.close();
      }
    };
}

/** A wrong INVITE_CONCURRENCY is told before anything is looked up or asked. */
function refuseConcurrency(command: Command, host: Host): void {
  const hasOption = command.options.some(({ long }) => long === '--concurrency');
  if (hasOption && command.opts().concurrency === undefined) concurrencyOf({ host });
}

/** Throws `read_only` for a command that changes something, if INVITE_READ_ONLY forbids that. Loaded late: help does without. */
async function refuseChange(command: Command, env: Host['env']): Promise<void> {
  const { isReadOnly, readOnlyError } = await import('./http/layers.ts');
  if (!isReadOnly(env) || !changesSomething(command) || command.opts().dryRun === true) return;
  throw readOnlyError(`run "${['invite', ...pathOf(command)].join(' ')}"`);
}

interface ReportOptions {
  readonly host: Host;
  readonly redactor: Redactor;
}

async function report(error: unknown, raw: RawOptions, { host, redactor }: ReportOptions): Promise<number> {
  if (error instanceof OutputClosed) return 0;
  const { output, color, debug, ...connection } = failureOptions(raw, host.env);
  const failure = withFlagsInHints(error instanceof CliError ? error : unexpected(error), connection);
  const isJson = formatDefinition(output).errors === 'json';
  const level = colorLevel({ flag: color, env: host.env, isTTY: host.stderr.isTTY });
  const text = isJson ? `${jsonText({ error: failure.toRecord() })}\n` : failureText(failure, await loadStyle(level));
  const stack = debug ? cleanLines(stackOf(error)) : '';
  try {
    await host.stderr.write(redactor.redact(text + stack));
  } catch {
    // A closed stderr: the exit code says that it failed.
  }
  return failure.exitCode;
}

/** A failure for a person: what failed, why, what to do about it, and the request id. */
export function failureText(error: CliError, style: Style): string {
  const { reason, hints = [], request_id } = error.details;
  const lines = [
    `${style.bold(style.red('error:'))} ${clean(error.message)}`,
    // Indented, so that no line of a server's text can pass for one of ours.
    ...(reason === undefined
      ? []
      : cleanLines(reason)
          .split('\n')
          .map((line) => `  ${line}`)),
    ...hints.map((hint) => `${style.cyan('hint:')} ${clean(hint)}`),
    ...(request_id === undefined ? [] : [`${style.dim('request id:')} ${clean(request_id)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What the system refused, and nobody expected, is no bug. */
function unexpected(error: unknown): CliError {
  const { path, syscall = 'work' } = error as NodeJS.ErrnoException;
  const message = path === undefined ? `this machine cannot ${syscall}` : `cannot ${syscall} "${path}"`;
  const failure = ioError(message, path, error);
  return failure instanceof CliError ? failure : bug(error);
}

function bug(error: unknown): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CliError('internal', 'internal error', {
    reason,
    hints: ['run it again with --debug for details'],
    cause: error,
  });
}

function stackOf(error: unknown): string {
  const cause =
    error instanceof CliError && error.details.cause instanceof Error ? `\ncaused by ${error.details.cause.stack}` : '';
  return error instanceof Error ? `${error.stack}${cause}\n` : '';
}
