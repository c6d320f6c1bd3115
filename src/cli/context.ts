import { setMaxListeners } from 'node:events';
import { type Invitations, invitationsClient } from '../api/invitations.ts';
import { CliError } from '../errors.ts';
import type { GitHub } from '../github.ts';
import type { Host, Output } from '../host.ts';
import type { Api } from '../http/api.ts';
import { ServerClock } from '../http/layers.ts';
import { colorLevel } from '../output/style.ts';
import type { Identity } from '../profiles/profile.ts';
import { resolveIdentity } from '../profiles/resolve.ts';
import { createStore, type Store } from '../profiles/store.ts';
import type { Prompter } from '../terminal/prompt.ts';
import { cleanLine } from '../text/sanitize.ts';
import { type Connection, connect, type Run } from './connection.ts';
import type { GlobalOptions } from './global-options.ts';
import { createMessages, createPrinter, type DrawLine, type Printer } from './printer.ts';

/** What a command works with. Nothing in it is created before it is used. */
export interface Context extends Printer, Run {
  /** Milliseconds since 1970 by the server's clock: what has expired, and how old something is, is judged by it. */
  now(): number;
  identity(): Identity;
  store(): Store;
  /** Undefined where prompts are not possible. */
  prompter(): Prompter | undefined;
  api(): Promise<Api>;
  invitations(): Promise<Invitations>;
  connectAs(identity: Identity): Promise<Connection>;
  /** Draws the progress on the terminal in place of the previous one; undefined erases it. Left out where nothing can be redrawn. */
  readonly draw: DrawLine | undefined;
  /** Prints a message that is of use only to somebody who reads a table: counts, hints, "nothing found". */
  remark(text: string): void;
  /** Returns if the answer is yes, whether a person was asked; throws otherwise. */
  confirm(question: Confirmation): Promise<boolean>;
  /** From here on a first Ctrl-C lets pending changes finish. */
  beginChanges(): void;
  close(): Promise<void>;
}

interface Confirmation {
  /** One sentence; further lines give details. A line break inside of one is shown, since a name may hold it. */
  readonly lines: readonly string[];
  /** What has to be typed to confirm; without it a yes is enough. */
  readonly phrase?: string | undefined;
  /** Confirmed on the command line, by `--yes`. */
  readonly answered: boolean;
}

interface ContextOptions extends Pick<Run, 'host' | 'globals' | 'redactor'> {
  /** Milliseconds after which the command is stopped. */
  readonly timeout?: number | undefined;
}

export async function openContext({ host, globals, redactor, timeout }: ContextOptions): Promise<Context> {
  const { print, say, remark, draw, withoutLine, clear } = createMessages({ host, globals, redactor });
  const { signal, deadline, beginChanges, end } = listenForSignals(host, { timeout, cleanUp: clear });
  const serverClock = new ServerClock(host.clock, say);
  const { now } = serverClock;
  const github = globals.github
    ? (await import('../github.ts')).createGitHub({ host, redact: redactor.redact, say, now })
    : withoutGitHub;
  const run: Run = { host, globals, redactor, github, signal, deadline, say };
  const connections: Connection[] = [];
  const trace = globals.debug ? print : undefined;
  const connectAs = async (identity: Identity) => {
    const connection = await connect({ ...run, identity, serverClock, draw: draw?.answer, trace });
    connections.push(connection);
    return connection;
  };
  const store = once(() => {
    const { configDir: folder, uid, clock, processes, platform } = host;
    return createStore({ folder, uid, clock, processes, platform, say });
  });
  const identity = once(() => resolveIdentity({ flags: globals, env: host.env, config: () => store().read() }));
  const api = once(async () => (await connectAs(identity())).api);
  const invitations = once(async () => invitationsClient(await api(), now));
  const prompter = () => prompterFor(host, globals, signal);
  // The line that is drawn on the same terminal makes room for results.
  const write = (text: string) => withoutLine(() => host.stdout.write(text));
  const stdout: Output = Object.create(host.stdout, { write: { value: write } });
  const printer = createPrinter({ host: { stdout, env: host.env }, globals, now, remark });
  return {
    ...run,
    ...github.watch(printer),
    now,
    identity,
    store,
    api,
    invitations,
    connectAs,
    prompter,
    remark,
    draw: draw?.progress,
    beginChanges,
    confirm: (question) => confirm(prompter(), question),
    close: async () => {
      end();
      github.close();
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** Outside of a workflow nothing of it does anything. */
const withoutGitHub: GitHub = {
  watch: (printer) => printer,
  summarize: () => {},
  count: () => {},
  reject: () => {},
  group: (_, act) => act(),
  mask: () => {},
  close: () => {},
};

function prompterFor({ stdin, stderr, env }: Host, globals: GlobalOptions, signal: AbortSignal): Prompter | undefined {
  // Where stdin was read to its end, as by `delete -`, no answer could come.
  if (!globals.input || !stdin.isTTY || !stderr.isTTY || stdin.stream.readableEnded) return undefined;
  const color = colorLevel({ flag: globals.color, env, isTTY: true }) > 0;
  const isPlain = env.TERM === 'dumb' || env.ACCESSIBLE !== undefined;
  return { input: stdin.stream, output: stderr.stream, signal, color, isPlain };
}

/** What asks for something that is missing. Throws `usage` where prompts are not possible. */
export function requirePrompter(ctx: Pick<Context, 'prompter'>, missing: string, hints: readonly string[]): Prompter {
  const prompter = ctx.prompter();
  if (prompter === undefined) throw new CliError('usage', missing, { hints });
  return prompter;
}

/** Returns if the answer is yes, whether a person was asked. Throws `cancelled` on no, `confirmation_required` where prompts are not possible. */
async function confirm(prompter: Prompter | undefined, { lines, phrase, answered }: Confirmation): Promise<boolean> {
  if (answered) return false;
  const [sentence = '', ...details] = lines.map(cleanLine);
  if (prompter === undefined) {
    throw new CliError('confirmation_required', 'this needs a confirmation, and prompts are not possible here', {
      reason: sentence,
      hints: ['--yes confirms'],
    });
  }
  const text = [sentence, ...details].join('\n');
  const { askText, askYesNo } = await import('../terminal/prompt.ts');
  /** Whether the phrase was typed, at the second attempt at the latest; an empty answer is a no. */
  const isTyped = async (wanted: string) => {
    const first = (await askText(prompter, `${text}\ntype ${wanted} to confirm:`)).trim();
    if (first === wanted || first === '') return first === wanted;
    const again = `that is not ${wanted}; type it once more, or press Enter to cancel:`;
    return (await askText(prompter, again)).trim() === wanted;
  };
  if (await (phrase === undefined ? askYesNo(prompter, text) : isTyped(phrase))) return true;
  throw new CliError('cancelled', 'cancelled, nothing was changed');
}

export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Milliseconds that pending changes have after a first Ctrl-C. */
const grace = 10_000;

const exitCodes = { SIGTERM: 143, SIGHUP: 129 } as const;

export type SignalExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * Ctrl-C, other signals, and the end of `--timeout`, as two abort signals: at `signal` nothing new is started, at `deadline`
 * pending requests stop as well. The second Ctrl-C ends the process at once, as SIGTERM and SIGHUP do; `cleanUp` is called
 * before that.
 */
export function listenForSignals(
  host: Host,
  { timeout, cleanUp }: { readonly timeout?: number | undefined; cleanUp(): void },
) {
  const soft = new AbortController();
  const hard = new AbortController();
  const timers = new AbortController();
  // Each pending change listens, and Node would report more than ten as a leak.
  setMaxListeners(0, soft.signal, hard.signal);
  let wait = 0;
  const after = (milliseconds: number, act: () => void) => {
    host.clock.sleep(milliseconds, timers.signal).then(act, () => {});
  };
  const exit = (code: number) => {
    cleanUp();
    // A prompt may have hidden the cursor.
    if (host.stderr.isTTY) host.stderr.stream.write('\u001b[?25h');
    host.exit(code);
  };
  const stopListening = host.onSignal((signal) => {
    if (signal !== 'SIGINT') return exit(exitCodes[signal]);
    if (soft.signal.aborted) return exit(130);
    const reason = new CliError('cancelled', 'cancelled');
    soft.abort(reason);
    if (wait === 0) hard.abort(reason);
    else after(wait, () => hard.abort(reason));
  });
  if (timeout !== undefined) {
    after(timeout, () => {
      const details = { retryable: true, hints: ['use a longer --timeout'] };
      const reason = new CliError('timeout', `not done within ${timeout / 1000} s`, details);
      soft.abort(reason);
      hard.abort(reason);
    });
  }
  return {
    signal: soft.signal,
    deadline: hard.signal,
    /** From here on a first Ctrl-C lets pending changes finish. */
    beginChanges: () => {
      wait = grace;
    },
    end: () => {
      timers.abort('done');
      stopListening();
      // Nobody waits any more for what is under way, such as other passes over a list of which one has failed.
      hard.abort(new CliError('cancelled', 'cancelled'));
    },
  };
}
