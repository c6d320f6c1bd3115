import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Puts a finished file in the place of another, at once and for good: after a crash there is the old one or the new. */
export function replaceFile(path: string, finished: string): void {
  flush(finished, 'r+');
  renameSync(finished, path);
  try {
    flush(dirname(path), 'r');
  } catch {
    // Not every system lets a folder be flushed; the file is in its place all the same.
  }
}

function flush(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
