import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from '../profiles/store.ts';
import { type Answer, attempt, type Check, fail, failed, pass, warn } from './check.ts';

/** The oldest Node that the HTTP library runs on. */
const oldestNode = [20, 18, 1] as const;

export const nodeCheck: Check = {
  id: 'node',
  title: 'Node.js',
  run: ({ ctx }) => {
    const { nodeVersion } = ctx.host;
    if (isRecent(nodeVersion)) return pass(nodeVersion);
    return fail('usage', `${nodeVersion} is too old`, `install Node.js ${oldestNode.join('.')} or newer`);
  },
};

function isRecent(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, least] of oldestNode.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

export const configCheck: Check = {
  id: 'config_file',
  title: 'config file',
  run: async ({ ctx }) => {
    const store = ctx.store();
    // Before it is read: reading mends a mode that is too open.
    const file = statOf(store.path);
    const { uid } = ctx.host;
    return (await unreadable(store, file)) ?? openTo(store.path, file, uid) ?? described(store, file);
  },
};

async function unreadable(store: Store, file: Stats | undefined): Promise<Answer> {
  const config = await attempt(() => store.read());
  if ('value' in config) return undefined;
  const mode = file === undefined ? '' : ` (mode ${modeOf(file)})`;
  const finding = failed(config.failure);
  return { ...finding, detail: `${finding.detail}${mode}` };
}

function openTo(path: string, file: Stats | undefined, uid: number | undefined): Answer {
  if (uid === undefined || file === undefined) return undefined;
  if ((file.mode & 0o077) !== 0) {
    const now = statOf(path);
    const isMended = now !== undefined && (now.mode & 0o077) === 0;
    const detail = `others could read "${path}" (mode ${modeOf(file)})`;
    const cure = 'make new keys if others use this machine: the old ones may have been read';
    return warn(
      isMended ? `${detail}; it is ${modeOf(now)} now` : detail,
      isMended ? cure : `chmod 600 ${path}; ${cure}`,
    );
  }
  const folder = dirname(path);
  const others = statOf(folder);
  const isOpen = others !== undefined && (others.mode & 0o022) !== 0 && (others.mode & 0o1000) === 0;
  return isOpen
    ? warn(`others may write to the folder "${folder}" (mode ${modeOf(others)})`, `chmod 700 ${folder}`)
    : undefined;
}

function described(store: Store, file: Stats | undefined): Answer {
  if (file === undefined) return pass(`"${store.path}" is not there yet; invite auth login makes it`);
  const { profiles, current } = store.read();
  const names = Object.keys(profiles);
  const used = current === undefined ? '' : `, current is "${current}"`;
  const count = `${names.length} profile${names.length === 1 ? '' : 's'}`;
  return pass(`"${store.path}", mode ${modeOf(file)}, ${count}${used}`);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
