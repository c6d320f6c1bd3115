import { Command, Option } from 'commander';
import { parseCount } from '../../context/global-options.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { Sandbox, Switches } from '../../sandbox/sandbox.ts';
import { describeSwitches } from '../../sandbox/settings.ts';
import { parseDuration } from '../../text/durations.ts';
import { type CommandFactory, examples, repeatable } from '../shared/command.ts';
import { withSandbox } from '../shared/open-sandbox.ts';

interface StartOptions {
  readonly port: number;
  readonly latency: number;
  readonly rate?: number;
  readonly fail: number;
  readonly switch?: readonly string[];
}

export const sandboxStartCommand: CommandFactory = (bind) =>
  new Command('start')
    .summary('serve the sandbox to other programs')
    .description('Serve the sandbox on a port of this machine until Ctrl-C, and print what a client needs to reach it.')
    .addOption(
      new Option('--port <n>', '0 takes one that is free')
        .default(0)
        .argParser((text) => parseCount(text, '--port', [0, 65_535])),
    )
    .addOption(new Option('--latency <duration>', 'wait before each answer').default(0, '0ms').argParser(parseLatency))
    .addOption(
      new Option('--rate <n>', 'requests a second, more get 429').argParser((text) =>
        parseNumber(text, '--rate', [0.01, 100_000]),
      ),
    )
    .addOption(
      new Option('--fail <share>', 'share of requests that break, from 0 to 1')
        .default(0)
        .argParser((text) => parseNumber(text, '--fail', [0, 1])),
    )
    .addOption(
      repeatable('--switch <name=value>', 'how the API decides what is not documented; repeatable', (text) => text),
    )
    .addHelpText(
      'after',
      examples(
        'invite sandbox start',
        'invite sandbox start --port 8080 --latency 50ms --rate 10 --fail 0.1',
        'invite sandbox start --switch quota=1000 --switch email_filter=ignore_case',
      ),
    )
    .addHelpText('after', ({ error }) => (error ? '' : `\n${describeSwitches()}`))
    .action(bind(start));

export async function start(ctx: Context, options: StartOptions): Promise<void> {
  const { parseSwitch } = await import('../../sandbox/sandbox.ts');
  const switches: Partial<Switches> = Object.assign({}, ...(options.switch ?? []).map(parseSwitch));
  await withSandbox(ctx, (sandbox) => serve(ctx, sandbox, options), { switches });
}

async function serve(ctx: Context, sandbox: Sandbox, { port, latency, rate, fail }: StartOptions): Promise<void> {
  const { sandboxKey } = await import('../../sandbox/sandbox.ts');
  const { serveSandbox } = await import('../../sandbox/server.ts');
  const { clock, stdout } = ctx.host;
  const limit = rate === undefined ? {} : { rate };
  const server = await serveSandbox(sandbox, { port, latency, fail, clock, ...limit });
  try {
    const lines = [
      `CONFLUENT_CLOUD_API_KEY=${sandboxKey.api_key}`,
      `CONFLUENT_CLOUD_API_SECRET=${sandboxKey.api_secret}`,
      `CONFLUENT_CLOUD_ENDPOINT=${server.endpoint}`,
    ];
    await stdout.write(lines.map((line) => `${line}\n`).join(''));
    ctx.say('the sandbox answers until Ctrl-C');
    await stopped(ctx.signal);
  } finally {
    await server.close();
  }
}

/** Ctrl-C is how a server is meant to end; the end of `--timeout` is told like everywhere else. */
async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  const reason: unknown = signal.reason;
  if (!(reason instanceof CliError && reason.code === 'cancelled')) throw reason;
}

const longestLatency = parseDuration('10m');

function parseLatency(text: string): number {
  const latency = parseDuration(text);
  if (latency <= longestLatency) return latency;
  throw new CliError('usage', `"${text}" is not a value for --latency`, { hints: ['from 0ms to 10m'] });
}

function parseNumber(text: string, option: string, [least, most]: readonly [number, number]): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new CliError('usage', `"${text}" is not a value for ${option}`, {
    hints: [`a number from ${least} to ${most}`],
  });
}
