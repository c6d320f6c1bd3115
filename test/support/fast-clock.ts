import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { vi } from 'vitest';
import { jumpingClock } from '../http/virtual-clock.ts';

/** Turns of the event loop without any traffic after which nothing is on its way. */
const quietTurns = 8;
/** A jump of more milliseconds than this would hide a mistake behind a deadline: before it, silence is waited for in real time. */
const longJump = 2500;
const realSilence = 8;

/** A clock that jumps while this process has nothing to do. The client and the server must share it, and be in this process. */
export function fastClock(start = Date.now()) {
  return { ...jumpingClock(start, (jump) => quiet(jump > longJump ? realSilence : 0)), random: () => 0.5 };
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
