import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CliError } from '../errors.ts';
import { type Processes, withLock } from '../files/lock.ts';
import type { Clock } from '../host.ts';
import type { Entry } from './rows.ts';
import type { State } from './state.ts';
import { StoreFile } from './store-file.ts';

export type AppendEntry = (entry: Entry) => void;

export interface StoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly processes: Processes;
  /** The organization before anything that is in the file. */
  founded(): State;
}

interface Job {
  run(record: AppendEntry): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Milliseconds to wait for another process that changes the same sandbox. */
const lockWait = 10_000;

/** The state as all processes on the folder see it: read afresh before each look, changed under a lock. */
export class Store {
  readonly #options: StoreOptions;
  readonly #log: StoreFile;
  #state: State;
  #jobs: Job[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#state = options.founded();
    this.#log = new StoreFile(join(options.folder, 'sandbox.ndjson'), {
      restart: () => {
        this.#state = options.founded();
      },
      entry: (entry) => this.#state.apply(entry),
    });
  }

  look(): State {
    this.#log.read();
    this.#state.settle(this.#options.clock.now());
    return this.#state;
  }

  /** What a change would come to. */
  rehearse<T>(act: (state: State, record: AppendEntry) => T): T {
    return act(this.look(), () => {});
  }

  /** Does a change and resolves once it is in the file. Changes that arrive together share the lock and the write. */
  change<T>(act: (state: State, record: AppendEntry) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let settle = () => {};
      const run = (record: AppendEntry) => {
        settle = settlement(() => act(this.#state, record), { resolve, reject });
      };
      this.#jobs.push({ run, resolve: () => settle(), reject });
      if (this.#jobs.length === 1) void this.#exclusively(() => this.#commit());
    });
  }

  /** Also where the file is damaged. */
  async replace(): Promise<void> {
    let failure: unknown;
    await this.#exclusively(
      () => this.#log.replace(),
      (error) => {
        failure = error;
      },
    );
    if (failure !== undefined) throw failure;
  }

  close(): void {
    this.#log.forget();
  }

  /** One after the other in this process, and under the lock between processes. Never rejects. */
  #exclusively(act: () => void, onFailure = (error: unknown) => this.#rejectAll(error)): Promise<void> {
    const { folder, clock, processes } = this.#options;
    this.#turn = this.#turn.then(async () => {
      try {
        makeFolder(folder);
        await withLock(join(folder, 'sandbox.lock'), { clock, processes, wait: lockWait }, async () => act());
      } catch (error) {
        onFailure(error);
      }
    });
    return this.#turn;
  }

  #commit(): void {
    this.look();
    const jobs = this.#jobs;
    this.#jobs = [];
    const lines: string[] = [];
    const record: AppendEntry = (entry) => {
      this.#state.apply(entry);
      lines.push(JSON.stringify(entry));
    };
    try {
      for (const job of jobs) job.run(record);
      if (lines.length > 0) this.#log.append(lines);
      for (const job of jobs) job.resolve();
    } catch (error) {
      // Memory is ahead of the file now.
      this.#log.forget();
      for (const job of jobs) job.reject(error);
    }
  }

  #rejectAll(error: unknown): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const job of jobs) job.reject(error);
  }
}

/** What to tell the one who asked, once the change is written down. */
function settlement<T>(act: () => T, ask: { resolve(value: T): void; reject(error: unknown): void }): () => void {
  try {
    const value = act();
    return () => ask.resolve(value);
  } catch (error) {
    return () => ask.reject(error);
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
