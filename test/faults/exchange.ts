import type { Socket } from 'node:net';
import type { Clock } from '../../src/host.ts';
import type { LoggedRequest } from './log.ts';
import type { Rules, Store } from './store.ts';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
  /** The words behind the status. */
  readonly reason?: string;
}

/** One request and everything that a fault needs to spoil its answer. */
export interface Exchange {
  readonly request: LoggedRequest;
  readonly socket: Socket;
  readonly store: Store;
  readonly clock: Clock;
  /** Counts the requests of this kind, from 1. */
  readonly nth: number;
  /** Counts all requests of this server, from 1. */
  readonly total: number;
  /** Counts the requests on this connection, from 1. */
  readonly reuse: number;
  /** Where this server listens. */
  readonly url: string;
  /** Another origin, which must never hear of anything. */
  readonly foreignUrl: string;
  /** What an honest API answers. A POST or DELETE takes effect when this is called, and only then. */
  honest(): Reply;
}

/** Undefined says that the fault has dealt with the connection itself. */
export type Fault = (exchange: Exchange) => Reply | undefined | Promise<Reply | undefined>;

/** One way in which the world is bent. All that is unsaid is honest. */
export interface Scenario {
  readonly fault?: Fault;
  /** Sees each new connection, counted from 1, before a byte is read; true if it has dealt with it. */
  readonly connect?: (socket: Socket, nth: number) => boolean;
  readonly rules?: Partial<Rules>;
  readonly seed?: (store: Store) => void;
}

export type Scenarios = Readonly<Record<string, Scenario>>;
