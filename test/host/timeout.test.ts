import { describe, expect, test } from 'vitest';
import { untilAborted, withTimeout } from '../../src/host/timeout.ts';
import { virtualClock } from '../http/virtual-clock.ts';

/** Work that ends only when its signal aborts, and then with its reason. */
function untilStopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

const late = new Error('late');
const error = () => late;

describe('withTimeout', () => {
  test('work that ends in time gives its value, and its error', async () => {
    const clock = virtualClock();
    const limit = { clock, milliseconds: 1000, error };
    expect(await withTimeout(limit, async () => 'done')).toBe('done');
    await expect(withTimeout(limit, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(clock.monotonic()).toBe(0);
  });

  test('work that takes longer is aborted with the error', async () => {
    const clock = virtualClock();
    await expect(withTimeout({ clock, milliseconds: 1000, error }, untilStopped)).rejects.toBe(late);
    expect(clock.monotonic()).toBe(1000);
  });

  test('the signal from outside ends the work with its own reason, before it begins as well as later', async () => {
    const clock = virtualClock();
    const off = new AbortController();
    const limit = { clock, milliseconds: 1000, signal: off.signal, error };
    const stopped = withTimeout(limit, untilStopped);
    off.abort('off');
    await expect(stopped).rejects.toBe('off');
    await expect(withTimeout(limit, untilStopped)).rejects.toBe('off');
  });

  test('the sleep ends with the work', async () => {
    let slept: AbortSignal | undefined;
    const clock = {
      ...virtualClock(),
      sleep: (_: number, signal?: AbortSignal) => {
        slept = signal;
        return new Promise<void>(() => {});
      },
    };
    await withTimeout({ clock, milliseconds: 1000, error }, async () => {});
    expect(slept?.aborted).toBe(true);
  });
});

describe('untilAborted', () => {
  test('gives what the work comes to, unless the signal aborts first', async () => {
    const off = new AbortController();
    expect(await untilAborted(Promise.resolve('done'), off.signal)).toBe('done');
    const hanging = untilAborted(new Promise(() => {}), off.signal);
    off.abort('off');
    await expect(hanging).rejects.toBe('off');
    await expect(untilAborted(new Promise(() => {}), off.signal)).rejects.toBe('off');
  });

  test('a failure of the work after that is nobody’s', async () => {
    const off = new AbortController();
    let fail = (_: Error) => {};
    const work = new Promise<void>((_, reject) => {
      fail = reject;
    });
    const waiting = untilAborted(work, off.signal);
    off.abort('off');
    await expect(waiting).rejects.toBe('off');
    fail(new Error('too late to matter'));
    await new Promise(setImmediate);
  });
});
