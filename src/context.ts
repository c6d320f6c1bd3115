import type { Tools } from './changes/change.ts';
import { apiKeysClient } from './confluent/api-keys.ts';
import { rolesClient } from './confluent/role-bindings.ts';
import { usersClient } from './confluent/users.ts';
import { type Connection, connect } from './context/connection.ts';
import type { GlobalOptions } from './context/global-options.ts';
import type { Interruption } from './context/interruption.ts';
import {
  type Confirmation,
  confirm,
  createMessages,
  type Messages,
  type Overlay,
  prompterFor,
} from './context/messages.ts';
import { createPrinter, type Printer } from './context/printer.ts';
import { createGitHub, type GitHub } from './github/workflow.ts';
import type { Host } from './host.ts';
import type { Api } from './http/api.ts';
import type { Redactor } from './http/redact.ts';
import { type Invitations, invitationsClient } from './invitations/client.ts';
import { foldEmail } from './invitations/email.ts';
import type { Identity } from './profiles/profile.ts';
import { resolveIdentity } from './profiles/resolve.ts';
import { createStore, type Store } from './profiles/store.ts';
import type { Prompter } from './terminal/prompt.ts';

/** What a command works with. Nothing in it is created before it is used. */
export interface Context extends Printer {
  readonly host: Host;
  readonly globals: GlobalOptions;
  /** Aborts at Ctrl-C and when `--timeout` is up. */
  readonly signal: AbortSignal;
  readonly redactor: Redactor;
  /** Annotations and summary for a GitHub workflow. */
  readonly github: GitHub;
  identity(): Identity;
  store(): Store;
  /** Undefined where prompts are not possible. */
  prompter(): Prompter | undefined;
  api(): Promise<Api>;
  invitations(): Promise<Invitations>;
  /** Everything that a change needs. */
  tools(): Promise<Tools>;
  /** Connects with another identity than the resolved one. */
  connectAs(identity: Identity): Promise<Connection>;
  /** Prints a message on stderr, unless `--quiet` is set. */
  say(text: string): void;
  /** Draws a status line on the terminal in place of the previous one; undefined erases it. */
  status(line: string | undefined): void;
  /** Prints a message that is of use only to somebody who reads a table: counts, hints, "nothing found". */
  remark(text: string): void;
  /** Returns if the answer is yes; throws otherwise. */
  confirm(question: Confirmation): Promise<void>;
  /** Registers what is drawn on the terminal, so that it makes room for messages; undefined when it is gone. */
  setOverlay(overlay: Overlay | undefined): void;
  /** From here on a first Ctrl-C lets pending changes finish. */
  beginChanges(): void;
  close(): Promise<void>;
}

interface ContextOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly interruption: Interruption;
  readonly redactor: Redactor;
}

export function openContext({ host, globals, interruption, redactor }: ContextOptions): Context {
  const { signal, deadline } = interruption;
  const connections: Connection[] = [];
  const messages = createMessages({ host, globals, redactor });
  interruption.beforeExit(messages.clear);
  const { print, say } = messages;
  const github = createGitHub({ host, isOn: globals.github, redact: redactor.redact, say });
  const store = once(() => createStore({ ...storeOptions(host), say }));
  const identity = once(() => resolveIdentity({ flags: globals, env: host.env, config: () => store().read() }));
  const connectAs = async (as: Identity) => {
    const connection = await connect({
      host,
      globals,
      identity: as,
      redactor,
      signal: deadline,
      say,
      status: messages.status,
      mask: github.mask,
      ...(globals.debug ? { trace: print } : {}),
    });
    connections.push(connection);
    return connection;
  };
  const api = once(async () => (await connectAs(identity())).api);
  const now = () => host.clock.now();
  const invitations = async () => invitationsClient(await api(), now);
  return {
    ...github.watch(createPrinter({ host: withStatusLine(host, messages), globals, remark: messages.remark })),
    ...{ host, globals, signal, redactor, github, identity, store, api, invitations, connectAs, say },
    remark: messages.remark,
    status: messages.status,
    prompter: () => prompterFor(host, globals, signal),
    tools: async () => ({
      invitations: await invitations(),
      users: usersClient(await api(), foldEmail),
      roles: rolesClient(await api()),
      apiKeys: apiKeysClient(await api()),
      clock: host.clock,
      ...{ signal, deadline },
    }),
    setOverlay: messages.setOverlay,
    beginChanges: () => interruption.enableGracePeriod(),
    confirm: (question) => confirm(prompterFor(host, globals, signal), question),
    close: async () => {
      github.close();
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** The same host, where the status line makes room for results on the same terminal. */
function withStatusLine(host: Host, messages: Messages): Host {
  const { stdout } = host;
  const write = (text: string) => messages.withoutStatus(() => stdout.write(text));
  const besideStatus = Object.create(stdout, { write: { value: write } });
  return { ...host, stdout: besideStatus };
}

function storeOptions({ configDir, uid, clock, processes, platform }: Host) {
  return { folder: configDir, uid, clock, processes, platform };
}

/** Calls `make` when the value is first needed, and keeps it. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
