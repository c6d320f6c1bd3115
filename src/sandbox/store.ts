import { join } from 'node:path';
import { withLock } from '../files/lock.ts';
import { makeFolder } from '../files/write.ts';
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
  /** Makes the change; the returned function resolves the promise of the update, once the change is in the file. */
  run(append: AppendEntry): () => void;
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
      const run = (append: AppendEntry) => {
        const result = act(this.#state, append);
        return () => resolve(result);
      };
      this.#updates.push({ run, reject });
      if (this.#updates.length > 1) return;
      this.#exclusively(() => this.#commit()).catch((error) => {
        for (const update of this.#taken()) update.reject(error);
      });
    });
  }

  /** Deletes all data, even if the file is damaged. */
  reset(): Promise<void> {
    return this.#exclusively(() => this.#file.reset());
  }

  close(): void {
    this.#file.close();
  }

  /** Runs one at a time in this process and under the lock between processes. */
  #exclusively(act: () => void): Promise<void> {
    const { folder, clock, processes } = this.#options;
    const done = this.#queue.then(() => {
      makeFolder(folder);
      return withLock(join(folder, 'sandbox.lock'), { clock, processes, wait: lockWait }, async () => act());
    });
    this.#queue = done.catch(() => {});
    return done;
  }

  #commit(): void {
    this.read();
    const updates = this.#taken();
    const lines: string[] = [];
    const append: AppendEntry = (entry) => {
      this.#state.apply(entry);
      lines.push(JSON.stringify(entry));
    };
    try {
      const reports = updates.map((update) => runUpdate(update, append));
      if (lines.length > 0) this.#file.append(lines);
      for (const report of reports) report();
    } catch (error) {
      // The memory is ahead of the file now: read it again.
      this.#file.close();
      for (const update of updates) update.reject(error);
    }
  }

  /** The updates that wait, no longer in the queue. */
  #taken(): readonly Update[] {
    const updates = this.#updates;
    this.#updates = [];
    return updates;
  }
}

/** Makes the change of an update; the returned function reports its result, or its failure. */
function runUpdate({ run, reject }: Update, append: AppendEntry): () => void {
  try {
    return run(append);
  } catch (error) {
    return () => reject(error);
  }
}
