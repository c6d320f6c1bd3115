import type { Socket } from 'node:net';
import buildConnector from 'undici/lib/core/connect.js';
import type { Clock } from '../host.ts';

/** Opens a connection; the callback gets it once it is established, TLS included. */
export type Connect = (...dial: Parameters<buildConnector.connector>) => void;

type Dial = Parameters<Connect>[0];

/** Milliseconds for a connection, or a tunnel through a proxy, to be established. */
export const connectLimit = 10_000;

/** Milliseconds that an established connection may wait for its first request: less than servers do. */
const spareLimit = 1000;

/** The connections to one endpoint, or to the proxy in between. */
export class Connections {
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  /** The limits of connections that are not established yet. */
  readonly #limits = new Set<AbortController>();
  // undici's own timeout does not use our clock. No request takes the minute after which TCP would probe a connection.
  readonly #connect = this.tracked(buildConnector({ timeout: 0, keepAlive: false }));
  /** Those that have carried no request, with the time from which on each was ready. */
  readonly #spares = new Map<Socket, number>();
  #opening = 0;
  #last: Dial | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Remembers the sockets: undici closes one that is still connecting only when that is done or has failed. */
  tracked(connect: buildConnector.connector): (...dial: Parameters<Connect>) => Socket {
    return (options, callback) => {
      const socket = connect(options, callback) as unknown as Socket;
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      return socket;
    };
  }

  /** Opens a connection, and destroys it if it is not established in time. */
  readonly open: Connect = (options, callback) => {
    const limit = new AbortController();
    const end = () => {
      if (this.#limits.delete(limit)) limit.abort('ended');
    };
    this.#limits.add(limit);
    const socket = this.#connect(options, (...outcome) => {
      end();
      callback(...outcome);
    });
    socket.once('close', end);
    const giveUp = () => socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }));
    this.#clock.sleep(connectLimit, limit.signal).then(giveUp, () => {});
  };

  /** Hands out a connection that has carried no request: a spare one, or else one that is opened now. */
  readonly openUnused: Connect = (options, callback) => {
    this.#last = options;
    const spare = this.#takeSpare();
    if (spare === undefined) this.open(options, callback);
    else queueMicrotask(() => callback(null, spare));
  };

  /**
   * Opens a connection ahead of its request, unless `max` are ready or being opened: the handshake takes a round trip,
   * with TLS two, that the request need not wait for.
   */
  prepare(max: number): void {
    if (this.#last === undefined || this.#spares.size + this.#opening >= max) return;
    this.#opening += 1;
    this.open(this.#last, (...[error, socket]) => {
      this.#opening -= 1;
      // It alone does not keep the process alive.
      if (error === null) this.#spares.set(socket.unref(), this.#clock.monotonic());
    });
  }

  /** Closes the connections that have carried no request: what made another one fail may have hit them as well. */
  dropSpares(): void {
    for (const socket of this.#spares.keys()) socket.destroy();
    this.#spares.clear();
  }

  /** No connection keeps the process alive from now on. Ending idle ones would take 2 ms. */
  release(): void {
    for (const limit of this.#limits) limit.abort('closed');
    for (const socket of this.#sockets) {
      if (socket.connecting) socket.destroy();
      else socket.unref();
    }
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** The oldest one that may still be used. Not one that the server has closed, or on which it spoke first. */
  #takeSpare(): Socket | undefined {
    for (const [socket, ready] of this.#spares) {
      this.#spares.delete(socket);
      const isUsable = socket.readable && socket.writable && socket.readableLength === 0;
      if (isUsable && this.#clock.monotonic() - ready < spareLimit) return socket.ref();
      socket.destroy();
    }
    return undefined;
  }
}
