import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../errors.ts';
import { withLock } from '../files/lock.ts';
import type { Clock, Processes } from '../host.ts';
import type { AppendEntry } from './rows.ts';
import type { State } from './state.ts';
import { StoreFile } from './store-file.ts';

interface StoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly processes: Processes;
  /** The state before the first entry of the file. */
  initialState(): State;
}

interface Update {
  run(append: AppendEntry): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Milliseconds to wait for another process to release the lock. */
const lockWait = 10_000;

/** The state that all processes on one folder share: the file is read before each access and changed under a lock. */
export class Store {
  readonly #options: StoreOptions;
  readonly #file: StoreFile;
  #state: State;
  #updates: Update[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#state = options.initialState();
    this.#file = new StoreFile(join(options.folder, 'sandbox.ndjson'), {
      onReset: () => {
        this.#state = options.initialState();
      },
      onEntry: (entry) => this.#state.apply(entry),
    });
  }

  read(): State {
    this.#file.read();
    this.#state.expire(this.#options.clock.now());
    return this.#state;
  }

  /** The result of an update, without changing anything. */
  dryRun<T>(act: (state: State, append: AppendEntry) => T): T {
    return act(this.read(), () => {});
  }

  /** Changes the state; resolves once the change is in the file. Concurrent updates share one lock and one write. */
  update<T>(act: (state: State, append: AppendEntry) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let settle = () => {};
      const run = (append: AppendEntry) => {
        settle = runUpdate(() => act(this.#state, append), { resolve, reject });
      };
      this.#updates.push({ run, resolve: () => settle(), reject });
      if (this.#updates.length === 1) void this.#exclusively(() => this.#commit());
    });
  }

  /** Deletes all data, even if the file is damaged. */
  async reset(): Promise<void> {
    let failure: unknown;
    await this.#exclusively(
      () => this.#file.reset(),
      (error) => {
        failure = error;
      },
    );
    if (failure !== undefined) throw failure;
  }

  close(): void {
    this.#file.close();
  }

  /** Runs one at a time in this process and under the lock between processes. Never rejects. */
  #exclusively(act: () => void, onFailure = (error: unknown) => this.#rejectAll(error)): Promise<void> {
    const { folder, clock, processes } = this.#options;
    this.#queue = this.#queue.then(async () => {
      try {
        makeFolder(folder);
        await withLock(join(folder, 'sandbox.lock'), { clock, processes, wait: lockWait }, async () => act());
      } catch (error) {
        onFailure(error);
      }
    });
    return this.#queue;
  }

  #commit(): void {
    this.read();
    const updates = this.#updates;
    this.#updates = [];
    const lines: string[] = [];
    const append: AppendEntry = (entry) => {
      this.#state.apply(entry);
      lines.push(JSON.stringify(entry));
    };
    try {
      for (const update of updates) update.run(append);
      if (lines.length > 0) this.#file.append(lines);
      for (const update of updates) update.resolve();
    } catch (error) {
      // The memory is ahead of the file now: read it again.
      this.#file.close();
      for (const update of updates) update.reject(error);
    }
  }

  #rejectAll(error: unknown): void {
    const updates = this.#updates;
    this.#updates = [];
    for (const update of updates) update.reject(error);
  }
}

/** Runs an update now. The returned function settles its promise; call it once the file is written. */
function runUpdate<T>(act: () => T, promise: { resolve(value: T): void; reject(error: unknown): void }): () => void {
  try {
    const value = act();
    return () => promise.resolve(value);
  } catch (error) {
    return () => promise.reject(error);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new CliError('io_error', `cannot create the folder "${folder}"`, { reason, cause: error });
  }
}
