import type { Socket } from 'node:net';
import buildConnector from 'undici/lib/core/connect.js';
import type { Clock } from '../host.ts';

/** Opens a connection; the callback gets it once it is established, TLS included. */
export type Connect = (...dial: Parameters<buildConnector.connector>) => void;

/** Milliseconds for a connection, or a tunnel through a proxy, to be established. */
export const connectLimit = 10_000;

/** The connections to one endpoint, or to the proxy in between. */
export class Connections {
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  /** The limits of connections that are not established yet. */
  readonly #limits = new Set<AbortController>();
  readonly #connect: ReturnType<Connections['tracked']>;

  /** @param authorities PEM; those that Node.js trusts where there are none. */
  constructor(clock: Clock, authorities?: string[]) {
    this.#clock = clock;
    const ca = authorities === undefined ? {} : { ca: authorities };
    // undici's own timeout does not use our clock. No request takes the minute after which TCP would probe a connection.
    this.#connect = this.tracked(buildConnector({ timeout: 0, keepAlive: false, ...ca }));
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
}
