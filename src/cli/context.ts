import { setMaxListeners } from 'node:events';
import { type Invitations, invitationsClient } from '../api/client.ts';
import { CliError } from '../errors.ts';
import type { GitHub } from '../github.ts';
import type { Host, Output } from '../host.ts';
import type { Api } from '../http/api.ts';
import { ServerClock } from '../http/layers.ts';
import type { Redactor } from '../http/redact.ts';
import { colorLevel, isDumb } from '../output/style.ts';
import type { Identity } from '../profiles/profile.ts';
import { resolveIdentity } from '../profiles/resolve.ts';
import { createStore, type Store } from '../profiles/store.ts';
import type { Prompter } from '../terminal/prompt.ts';
import { cleanLines } from '../text/sanitize.ts';
import { type Connection, connect } from './connection.ts';
import type { GlobalOptions } from './global-options.ts';
import { createMessages, createPrinter, type DrawLine, type Messages, type Printer } from './printer.ts';

/** What a command works with. Nothing in it is created before it is used. */
export interface Context extends Printer {
  readonly host: Host;
  readonly globals: GlobalOptions;
  /** Aborts at Ctrl-C and when `--timeout` is up. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 by the server's clock: what has expired, and how old something is, is judged by it. */
  now(): number;
  readonly redactor: Redactor;
  /** Annotations and summary for a GitHub workflow. */
  readonly github: GitHub;
  identity(): Identity;
  store(): Store;
  /** Undefined where prompts are not possible. */
  prompter(): Prompter | undefined;
  api(): Promise<Api>;
  invitations(): Promise<Invitations>;
  /** Aborts when what is under way has to end as well. */
  readonly deadline: AbortSignal;
  connectAs(identity: Identity): Promise<Connection>;
  say(text: string): void;
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
  /** One sentence; further lines give details. */
  readonly message: string;
  /** What has to be typed to confirm; without it a yes is enough. */
  readonly phrase?: string | undefined;
  /** Confirmed on the command line, by `--yes`. */
  readonly answered: boolean;
}

interface ContextOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly redactor: Redactor;
  /** Milliseconds after which the command is stopped. */
  readonly timeout?: number | undefined;
}

export async function openContext({ host, globals, redactor, timeout }: ContextOptions): Promise<Context> {
  const connections: Connection[] = [];
  const messages = createMessages({ host, globals, redactor });
  const interruption = listenForSignals(host, { timeout, cleanUp: messages.clear });
  const { signal, deadline } = interruption;
  const { print, say, draw } = messages;
  const serverClock = new ServerClock(host.clock, say);
  const { now } = serverClock;
  const github = globals.github
    ? (await import('../github.ts')).createGitHub({ host, redact: redactor.redact, say })
    : withoutGitHub;
  const store = once(() => {
    const { configDir: folder, uid, clock, processes, platform } = host;
    return createStore({ folder, uid, clock, processes, platform, say });
  });
  const identity = once(() => resolveIdentity({ flags: globals, env: host.env, config: () => store().read() }));
  const shared = { host, globals, redactor, github, signal, deadline, say };
  const connectAs = async (as: Identity) => {
    const own = { identity: as, serverClock, draw: draw?.answer, trace: globals.debug ? print : undefined };
    const connection = await connect({ ...shared, ...own });
    connections.push(connection);
    return connection;
  };
  const api = once(async () => (await connectAs(identity())).api);
  const invitations = once(async () => invitationsClient(await api(), now));
  const prompter = () => prompterFor(host, globals, signal);
  const paper = { stdout: besideLine(host, messages), env: host.env };
  return {
    ...github.watch(createPrinter({ host: paper, globals, now, remark: messages.remark })),
    ...{ ...shared, now, identity, store, api, invitations, connectAs, prompter },
    ...{ remark: messages.remark, draw: draw?.progress },
    beginChanges: () => interruption.enableGracePeriod(),
    confirm: (question) => confirm(prompter(), question),
    close: async () => {
      interruption.end();
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

/** The stdout of the host, for which the line that is drawn on the same terminal makes room. */
function besideLine({ stdout }: Host, messages: Messages): Output {
  return Object.create(stdout, { write: { value: (text: string) => messages.withoutLine(() => stdout.write(text)) } });
}

/** Undefined where prompts are not possible. */
function prompterFor({ stdin, stderr, env }: Host, globals: GlobalOptions, signal: AbortSignal): Prompter | undefined {
  if (!globals.input || !stdin.isTTY || !stderr.isTTY) return undefined;
  const color = colorLevel({ flag: globals.color, env, isTTY: true }) > 0;
  const isPlain = isDumb(env) || env.ACCESSIBLE !== undefined;
  return { input: stdin.stream, output: stderr.stream, signal, color, isPlain };
}

/** What asks for something that is missing. Throws `usage` where prompts are not possible. */
export function requirePrompter(ctx: Pick<Context, 'prompter'>, missing: string, hints: readonly string[]): Prompter {
  const prompter = ctx.prompter();
  if (prompter === undefined) throw new CliError('usage', missing, { hints });
  return prompter;
}

/** Returns if the answer is yes, whether a person was asked. Throws `cancelled` on no, `confirmation_required` where prompts are not possible. */
async function confirm(prompter: Prompter | undefined, question: Confirmation): Promise<boolean> {
  if (question.answered) return false;
  if (prompter === undefined) {
    throw new CliError('confirmation_required', 'this needs a confirmation, and prompts are not possible here', {
      reason: cleanLines(question.message).split('\n', 1)[0] ?? '',
      hints: ['--yes confirms'],
    });
  }
  const { phrase } = question;
  const message = cleanLines(question.message);
  const { askYesNo } = await import('../terminal/prompt.ts');
  const isConfirmed = phrase === undefined ? await askYesNo(prompter, message) : await typed(prompter, message, phrase);
  if (!isConfirmed) throw new CliError('cancelled', 'cancelled, nothing was changed');
  return true;
}

/** Whether the phrase was typed, at the second attempt at the latest; an empty answer is a no. */
async function typed(prompter: Prompter, message: string, phrase: string): Promise<boolean> {
  const { askText } = await import('../terminal/prompt.ts');
  const first = (await askText(prompter, `${message}\ntype ${phrase} to confirm:`)).trim();
  if (first === phrase || first === '') return first === phrase;
  const again = `that is not ${phrase}; type it once more, or press Enter to cancel:`;
  return (await askText(prompter, again)).trim() === phrase;
}

/** Calls `make` when the value is first needed, and keeps it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Milliseconds that pending changes have after a first Ctrl-C. */
const grace = 10_000;

/** Ctrl-C, other signals, and the end of `--timeout`, as two abort signals. */
interface Interruption {
  /** Start nothing new. */
  readonly signal: AbortSignal;
  /** Stop pending requests, too. */
  readonly deadline: AbortSignal;
  /** From here on a first Ctrl-C lets pending changes finish. */
  enableGracePeriod(): void;
  end(): void;
}

interface Limits {
  readonly timeout?: number | undefined;
  /** Called before a signal ends the process at once. */
  cleanUp(): void;
}

const codes = { SIGTERM: 143, SIGHUP: 129 } as const;

export type SignalExitCode = (typeof codes)[keyof typeof codes];

/** The first Ctrl-C starts nothing new, the second ends the process at once, as SIGTERM and SIGHUP do. */
export function listenForSignals(host: Host, { timeout, cleanUp }: Limits): Interruption {
  const soft = new AbortController();
  const hard = new AbortController();
  const timers = new AbortController();
  // Each pending change listens, and Node would report more than ten as a leak.
  setMaxListeners(0, soft.signal, hard.signal);
  let isGraceful = false;
  const after = (milliseconds: number, act: () => void) => {
    host.clock.sleep(milliseconds, timers.signal).then(act, () => {});
  };
  const stop = (reason: CliError, wait: number) => {
    soft.abort(reason);
    if (wait === 0) hard.abort(reason);
    else after(wait, () => hard.abort(reason));
  };
  const exit = (code: number) => {
    cleanUp();
    // A prompt may have hidden the cursor.
    if (host.stderr.isTTY) host.stderr.stream.write('\u001b[?25h');
    host.exit(code);
  };
  const stopListening = host.onSignal((signal) => {
    if (signal !== 'SIGINT') return exit(codes[signal]);
    if (soft.signal.aborted) return exit(130);
    stop(new CliError('cancelled', 'cancelled'), isGraceful ? grace : 0);
  });
  if (timeout !== undefined) after(timeout, () => stop(timedOut(timeout), 0));
  return {
    signal: soft.signal,
    deadline: hard.signal,
    enableGracePeriod: () => {
      isGraceful = true;
    },
    end: () => {
      timers.abort('done');
      stopListening();
    },
  };
}

function timedOut(timeout: number): CliError {
  return new CliError('timeout', `not done within ${timeout / 1000} s`, {
    retryable: true,
    hints: ['use a longer --timeout'],
  });
}
