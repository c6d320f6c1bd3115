import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { vi } from 'vitest';
import type { Clock } from '../../src/host.ts';

/** A clock that stands still while this process has anything to do, and else jumps to the next timer. */
interface FastClock extends Clock {
  /** Forgets every timer that is left. */
  stop(): void;
}

interface Timer {
  readonly time: number;
  readonly fire: () => void;
}

/** Turns of the event loop without any traffic after which nothing is on its way. */
const quietTurns = 8;
/** A jump of more milliseconds than this would hide a mistake behind a deadline: before it, silence is waited for in real time. */
const longJump = 2500;
const realSilence = 8;

/** The client and the server must share it, and be in this process. */
export function fastClock(start = Date.now()): FastClock {
  let elapsed = 0;
  let running = false;
  const timers = new Set<Timer>();
  const run = async () => {
    running = true;
    while (timers.size > 0) {
      const next = earliest(timers);
      await quiet(next.time - elapsed > longJump ? realSilence : 0);
      // Meanwhile another timer may have come before it, or this one may be gone.
      if (timers.size === 0 || earliest(timers) !== next) continue;
      timers.delete(next);
      elapsed = Math.max(elapsed, next.time);
      next.fire();
    }
    running = false;
  };
  return {
    now: () => Math.round(start + elapsed),
    monotonic: () => elapsed,
    random: () => 0.5,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => timers.delete(timer) && reject(signal?.reason);
        const fire = () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        const timer = { time: elapsed + milliseconds, fire };
        timers.add(timer);
        signal?.addEventListener('abort', stop, { once: true });
        if (!running) void run();
      }),
    stop: () => timers.clear(),
  };
}

function earliest(timers: ReadonlySet<Timer>): Timer {
  return [...timers].reduce((first, timer) => (timer.time < first.time ? timer : first));
}

const sockets = new Set<Socket>();
let opened = 0;
for (const end of ['client', 'server']) {
  subscribe(`net.${end}.socket`, (message) => {
    const { socket } = message as { socket: Socket };
    opened += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** Changes whenever a byte is read or written, or a connection begins or ends. */
function traffic(): number {
  let bytes = 0;
  for (const socket of sockets) bytes += socket.bytesRead + socket.bytesWritten;
  return bytes + opened * 1e9 + sockets.size * 1e6;
}

/** Work that other threads or the kernel do for this process: files, names of hosts, connections, writes. */
function underWay(): boolean {
  return process.getActiveResourcesInfo().some((type) => /Req|ConnectWrap|WriteWrap|ShutdownWrap/.test(type));
}

async function quiet(silence: number): Promise<void> {
  let before = traffic();
  for (let turn = 0; turn < quietTurns; turn += 1) {
    await new Promise(setImmediate);
    const now = traffic();
    if (now !== before || underWay()) turn = 0;
    before = now;
  }
  // Modules are loaded by another process; what waits for one is not idle.
  await vi.dynamicImportSettled();
  if (silence === 0) return;
  await wait(silence);
  if (traffic() !== before || underWay()) await quiet(silence);
}
