import type { Tools } from './changes/change.ts';
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

/** What a command is given. Nothing in it is built before it is used. */
export interface Context extends Printer {
  readonly host: Host;
  readonly globals: GlobalOptions;
  /** Aborts at Ctrl-C and when `--timeout` is over. */
  readonly signal: AbortSignal;
  readonly redactor: Redactor;
  /** What a GitHub workflow is told beside the result. */
  readonly github: GitHub;
  identity(): Identity;
  store(): Store;
  /** Where questions are asked; undefined if nobody can be asked. */
  prompter(): Prompter | undefined;
  api(): Promise<Api>;
  invitations(): Promise<Invitations>;
  /** Everything that carrying out a change needs. */
  tools(): Promise<Tools>;
  /** The way to the API for somebody else than the resolved identity. */
  connectAs(identity: Identity): Promise<Connection>;
  /** Words for a person, on stderr, one line or more; silent with `--quiet`. */
  say(text: string): void;
  /** Draws a line on the terminal over the one before; undefined takes it away. */
  status(line: string | undefined): void;
  /** What is only of use to somebody who looks at a table: counts, hints, "nothing found". */
  remark(text: string): void;
  /** Returns if the answer is yes; throws otherwise. */
  confirm(question: Confirmation): Promise<void>;
  /** Lets what is drawn on the terminal make room for each line that is said; undefined when it is gone. */
  setOverlay(drawing: Overlay | undefined): void;
  /** From here on a first Ctrl-C lets what is under way end. */
  beginChanges(): void;
  close(): Promise<void>;
}

export interface ContextOptions {
  readonly host: Host;
  readonly globals: GlobalOptions;
  readonly interruption: Interruption;
  readonly redactor: Redactor;
}

export function openContext({ host, globals, interruption, redactor }: ContextOptions): Context {
  const { signal, deadline } = interruption;
  const connections: Connection[] = [];
  const voice = createMessages({ host, globals, redactor });
  const { print, say } = voice;
  const github = createGitHub({ host, isOn: globals.github, redact: redactor.redact, say });
  const store = once(() => createStore({ ...storeNeeds(host), say }));
  const identity = once(() => resolveIdentity({ flags: globals, env: host.env, config: () => store().read() }));
  const connectAs = async (who: Identity) => {
    const connection = await connect({
      host,
      globals,
      identity: who,
      redactor,
      signal: deadline,
      say,
      status: voice.status,
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
    ...github.watch(createPrinter(besideStatus(host, voice), globals)),
    ...{ host, globals, signal, redactor, github, identity, store, api, invitations, connectAs, say },
    remark: voice.remark,
    status: voice.status,
    prompter: () => prompterFor(host, globals, signal),
    tools: async () => ({
      invitations: await invitations(),
      users: usersClient(await api(), foldEmail),
      roles: rolesClient(await api()),
      clock: host.clock,
      ...{ signal, deadline },
    }),
    setOverlay: voice.setOverlay,
    beginChanges: () => interruption.enableGracePeriod(),
    confirm: (question) => confirm(prompterFor(host, globals, signal), question),
    close: async () => {
      github.close();
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}

/** The same world, where the line that tells of a wait makes room for results on the same terminal. */
function besideStatus(host: Host, voice: Messages): Host {
  const { stdout } = host;
  const write = (text: string) => voice.withoutStatus(() => stdout.write(text));
  const beside = Object.create(stdout, { write: { value: write } });
  return { ...host, stdout: beside };
}

function storeNeeds({ configDir, uid, clock, processes, platform }: Host) {
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
