import { cpSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { temporaryFolder } from './run-cli.ts';

const root = join(import.meta.dirname, '../..');
const ignored = /^(?:node_modules|dist|binary|coverage|\.git|\.dist-.*|.*\.tgz)(?:\/|$)/;

/** A folder with what a clone holds: all but what .gitignore names, so no `dist`. The installed packages are borrowed. */
export function checkout(): string {
  const place = join(temporaryFolder(), 'clone');
  cpSync(root, place, { recursive: true, filter: (path) => !ignored.test(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
  return place;
}
