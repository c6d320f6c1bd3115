import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, test } from 'vitest';
import { scriptFor } from '../../src/commands/completion.ts';
import { runInPty } from '../support/pty.ts';
import { temporaryFolder } from '../support/run-cli.ts';

/** E-mails that would do harm if a shell took them for more than text; each would leave a file called `ran`. */
const hostile = [
  'a`touch$IFS$9ran`@example.com',
  'b$(touch$IFS$9ran)@example.com',
  'c;touch$IFS$9ran;@example.com',
  'd\'e"f\\g@example.com',
  'h|touch$IFS$9ran&@example.com',
  'i{1,2}*?[k]~!@example.com',
  'l:m=n,#%^@example.com',
] as const;

const old = 'old bash';
const shells = ['bash', old, 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

const bash = ['bash', '--noprofile', '--rcfile', 'rc', '-i'];
const starts: Readonly<Record<Shell, readonly string[]>> = {
  bash,
  [old]: bash,
  zsh: ['zsh', '-i'],
  fish: ['fish', '-i'],
};

const folder = temporaryFolder();
const isHere = (shell: Shell) => ['/bin', '/usr/bin'].some((place) => existsSync(join(place, starts[shell][0] ?? '')));

/** The real program completes, except that `delete` gets hostile candidates; all other arguments are written down. */
const program = `#!/bin/sh
if [ "$1 $2" = 'completion complete' ]; then
  case " $* " in *' delete '*) echo words; cat "$HOME/candidates" ;; *) exec "$INVITE" "$@" ;; esac
else
  printf '%s\\n' "$@" . >> "$HOME/given"
fi
`;

/** The prompt counts, so that one that is only drawn again is not taken for the next. */
const bashSettings = "PROMPT_COMMAND='n=$((n + 1))'\nPS1='ready $n>'\nset +H\nbind 'set bell-style none'\n. ~/script\n";

const settings: Readonly<Record<Shell, string>> = {
  bash: bashSettings,
  // Without the builtins that 3.2 lacks.
  [old]: `enable -n compopt mapfile readarray\n${bashSettings}`,
  zsh: "precmd() { n=$((n + 1)) }\nsetopt promptsubst nobeep nobanghist\nPS1='ready $n>'\nfpath=(~ $fpath)\nautoload -Uz compinit\ncompinit -u -D\n",
  fish: 'set -g n 1\nfunction count_on --on-event fish_postexec\n  set n (math $n + 1)\nend\nfunction fish_prompt\n  echo "ready $n>"\nend\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nsource ~/script\n',
};

const settingsFile: Readonly<Record<Shell, string>> = {
  bash: 'rc',
  [old]: 'rc',
  zsh: '.zshrc',
  fish: join('.config', 'fish', 'config.fish'),
};

beforeAll(async () => {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'invite'), program);
  chmodSync(join(folder, 'bin', 'invite'), 0o755);
  for (const shell of shells) {
    const home = homeOf(shell);
    mkdirSync(join(home, '.config', 'fish'), { recursive: true });
    // Where this is missing, fish begins to read all manual pages of the machine.
    mkdirSync(join(home, '.local', 'share', 'fish', 'generated_completions'), { recursive: true });
    writeFileSync(join(home, 'people.csv'), 'email\n');
    writeFileSync(join(home, shell === 'zsh' ? '_invite' : 'script'), await scriptFor(shell === old ? 'bash' : shell));
    writeFileSync(join(home, settingsFile[shell]), settings[shell]);
  }
});

function homeOf(shell: Shell): string {
  return join(folder, shell);
}

/** What is typed before Tab and Enter, and what the program is given. */
type Typed = readonly [line: string, given: readonly string[]];

const ordinary: readonly Typed[] = [
  ['invite del', ['delete']],
  ['invite list --stat', ['list', '--status']],
  ['invite list --status=ex', ['list', '--status=expired']],
  ['invite list --fields id,em', ['list', '--fields', 'id,email']],
  ['invite create x@y.z --role BillingA', ['create', 'x@y.z', '--role', 'BillingAdmin']],
  ['invite create x@y.z --role EnvironmentAdmin@e', ['create', 'x@y.z', '--role', 'EnvironmentAdmin@env-']],
  ['invite help auth stat', ['help', 'auth', 'status']],
  ['invite sandbox start --switch email_filter=ex', ['sandbox', 'start', '--switch', 'email_filter=exact']],
  ['invite delete zed@exa', ['delete', 'zed@example.com']],
  ["invite delete 'ze", ['delete', 'zed@example.com']],
  ['invite import peop', ['import', 'people.csv']],
  ['invite auth login --api-secret-file=peop', ['auth', 'login', '--api-secret-file=people.csv']],
  ['invite list --status sent,expi', ['list', '--status', 'sent,expired']],
  ['invite auth use sandb\t', ['auth', 'use', 'sandbox']],
];

const dangerous: readonly Typed[] = hostile.map((email) => [`invite delete ${email.slice(0, 1)}`, ['delete', email]]);

/** Types the lines, one after the other; what the program is given each time. */
async function type(shell: Shell, lines: readonly Typed[]): Promise<{ given: string[]; left: number }> {
  const home = homeOf(shell);
  const candidates = [...hostile, 'zed@example.com'];
  writeFileSync(join(home, 'candidates'), candidates.map((text) => `${text}\tpending\n`).join(''));
  writeFileSync(join(home, 'given'), '');
  const env = {
    HOME: home,
    ZDOTDIR: home,
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    LANG: 'C.UTF-8',
    INVITE: join(import.meta.dirname, '..', '..', 'bin', 'invite.js'),
  };
  const steps = lines.map(([line], index) => ({ expect: `ready ${index + 1}>`, send: `${line}\t\r`, pause: 100 }));
  const end = { expect: `ready ${lines.length + 1}>`, send: 'exit\r' };
  const { left } = await runInPty(starts[shell], [...steps, end], { env, cwd: home, limit: 80_000 });
  return { given: readFileSync(join(home, 'given'), 'utf8').split('\n').slice(0, -1), left };
}

test.concurrent.for(shells)(
  '%s puts on the line what it should, and runs nothing of it',
  {
    timeout: 90_000,
  },
  async (shell, { skip, expect }) => {
    skip(!isHere(shell), `${shell} is not installed here`);
    // Without compopt a scope cannot follow its role without a space.
    const lines = [...ordinary, ...dangerous].filter(([line]) => shell !== old || !line.includes('@e'));
    const { given, left } = await type(shell, lines);
    expect(given).toEqual(lines.flatMap(([, words]) => [...words, '.']));
    expect(left).toBe(0);
    expect(existsSync(join(homeOf(shell), 'ran'))).toBe(false);
  },
);
