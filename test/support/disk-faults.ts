import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Calls = Record<string, (...args: unknown[]) => unknown>;

/** Every call of the file system that the program makes, by what tells the file: its path, or an open one. */
const byPath = [
  'openSync',
  'mkdirSync',
  'renameSync',
  'unlinkSync',
  'lstatSync',
  'statSync',
  'readdirSync',
  'chmodSync',
  'readFileSync',
  'utimesSync',
  'realpathSync',
];
const byFile = [
  'readSync',
  'writeSync',
  'fsyncSync',
  'fdatasyncSync',
  'fdatasync',
  'closeSync',
  'fstatSync',
  'fchmodSync',
];

interface DiskFault {
  /** What the system says: `EIO`. EDQUOT as Node says it, without a name. */
  readonly code: string;
  /** Whether this call is to fail: its name, and which it is of all so far, from 1 on. */
  readonly hits: (call: string, index: number) => boolean;
}

/** Lets calls for files below a folder fail until the returned function is called, which tells the names of all calls. */
export function injectDiskFault(folder: string, { code, hits }: DiskFault): () => readonly string[] {
  const calls: string[] = [];
  const opened = new Set<unknown>();
  const real = { ...fs } as unknown as Calls;
  const isOurs = (target: unknown) => opened.has(target) || String(target).startsWith(folder);
  const patched = Object.fromEntries(
    [...byPath, ...byFile].map((name) => [
      name,
      (...args: unknown[]) => {
        const ours = isOurs(args[0]);
        if (ours) calls.push(name);
        if (name === 'closeSync') opened.delete(args[0]);
        if (ours && hits(name, calls.length)) return fail(name, failure(name, code, args[0]), args);
        const result = real[name]?.(...args);
        if (name === 'openSync' && ours) opened.add(result);
        return result;
      },
    ]),
  );
  // A descriptor that could not be closed is closed by the system all the same.
  const fail = (name: string, error: Error, args: readonly unknown[]) => {
    if (name === 'closeSync') real.closeSync?.(args[0]);
    const callback = args.at(-1);
    if (typeof callback !== 'function') throw error;
    queueMicrotask(() => callback(error));
    return undefined;
  };
  Object.assign(fs, patched);
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, Object.fromEntries(Object.keys(patched).map((name) => [name, real[name]])));
    syncBuiltinESMExports();
    return calls;
  };
}

function failure(call: string, code: string, target: unknown): Error {
  const errno = { EIO: -5, ENOSPC: -28, EROFS: -30, EDQUOT: -122 }[code] ?? -5;
  const name = code === 'EDQUOT' ? `Unknown system error ${errno}` : code;
  const path = typeof target === 'string' ? { path: target } : {};
  return Object.assign(new Error(`${name}: injected, ${call}`), { code: name, errno, syscall: call, ...path });
}
