import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { journalFolder } from '../changes/journal-file.ts';
import type { JournalHead } from '../changes/journal-lines.ts';
import { headIn, journalsIn, readPast } from '../changes/journal-past.ts';
import { durationInWords } from '../durations.ts';
import type { Environment, Host } from '../host.ts';
import { shellQuote } from '../output/shell.ts';
import { attempt, type Check, fail, pass, warn } from './check.ts';

/** Where each shell finds completions, below the home folder and beside it; and files that may load them. */
const places: Readonly<Record<string, { readonly scripts: readonly string[]; readonly rc: readonly string[] }>> = {
  bash: {
    scripts: [
      '~/.local/share/bash-completion/completions/invite',
      '~/.bash_completion.d/invite',
      '~/.invite.bash',
      '/etc/bash_completion.d/invite',
      '/usr/share/bash-completion/completions/invite',
      '/usr/local/share/bash-completion/completions/invite',
      '/opt/homebrew/etc/bash_completion.d/invite',
    ],
    rc: ['~/.bashrc', '~/.bash_profile', '~/.bash_completion'],
  },
  zsh: {
    scripts: [
      '~/.zfunc/_invite',
      '~/.zsh/completions/_invite',
      '/usr/share/zsh/site-functions/_invite',
      '/usr/local/share/zsh/site-functions/_invite',
      '/opt/homebrew/share/zsh/site-functions/_invite',
    ],
    rc: ['~/.zshrc', '~/.zprofile'],
  },
  fish: {
    scripts: ['~/.config/fish/completions/invite.fish', '/usr/share/fish/vendor_completions.d/invite.fish'],
    rc: ['~/.config/fish/config.fish'],
  },
};

export const completionCheck: Check = {
  id: 'completion',
  title: 'completion',
  run: ({ ctx }) => {
    const { env } = ctx.host;
    const shell = basename(env.SHELL ?? '');
    const known = Object.hasOwn(places, shell) ? places[shell] : undefined;
    if (known === undefined || env.HOME === undefined || env.CI !== undefined) return undefined;
    const script = known.scripts.map((path) => atHome(path, env)).find(existsSync);
    const rc = known.rc.map((path) => atHome(path, env)).find((path) => textOf(path).includes('invite completion'));
    const found = script ?? rc;
    if (found !== undefined) return pass(`for ${shell}, in "${found}"`);
    return warn(`not found for ${shell}`, `invite completion --help says how to install it`);
  },
};

function atHome(path: string, { HOME = '' }: Environment): string {
  return path.startsWith('~/') ? join(HOME, path.slice(2)) : path;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

interface Journal {
  readonly path: string;
  readonly head: JournalHead | undefined;
}

export const journalCheck: Check = {
  id: 'journals',
  title: 'journals',
  run: async ({ ctx }) => {
    const paths = journalsIn(journalFolder(ctx.host.stateDir));
    const unfinished: Journal[] = [];
    for (const path of paths) {
      const past = await attempt(() => readPast(path));
      if ('failure' in past) {
        const { message, details } = past.failure;
        return fail('io_error', `${message}: ${details.reason}`, 'move it away, if nothing is to be gone on with');
      }
      const head = headIn(path);
      const { done, begun, failed } = past.value;
      const isDone = begun.size + failed.size === 0 && done.size >= (head?.rows ?? 0);
      if (!isDone) unfinished.push({ path, head });
    }
    const [first] = unfinished;
    if (first === undefined) return pass(paths.length === 0 ? 'none' : `${paths.length}, all finished`);
    return warn(
      `${unfinished.length} left unfinished: ${aboutJournal(first, ctx.host)}`,
      `go on with: invite import ${shellQuote(first.head?.file ?? 'FILE')}`,
    );
  },
};

function aboutJournal({ path, head }: Journal, { clock }: Host): string {
  if (head === undefined) return `"${path}"`;
  const age = clock.now() - Date.parse(head.created_at);
  return `the import of "${head.file}"${age > 0 ? `, begun ${durationInWords(age)} ago` : ''}`;
}
