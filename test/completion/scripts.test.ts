import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Shell, scriptFor, shells } from '../../src/completion/shells.ts';
import { everyCommand } from '../../src/completion/spec.ts';
import { programSpec } from '../support/program-spec.ts';

const files = { bash: 'invite.bash', zsh: '_invite', fish: 'invite.fish', powershell: 'invite.ps1' } as const;
const folder = join(import.meta.dirname, '..', '..', 'completions');
const spec = await programSpec();
const scripts = new Map<Shell, string>();

beforeAll(async () => {
  for (const shell of shells) scripts.set(shell, await scriptFor(shell, spec));
});

describe.each(shells)('%s', (shell) => {
  test('the script that is shipped is the one that would be written now (UPDATE=1 writes it)', () => {
    const path = join(folder, files[shell]);
    if (process.env.UPDATE) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, scripts.get(shell) ?? '');
    }
    expect(readFileSync(path, 'utf8')).toBe(scripts.get(shell));
  });

  test('every command and every option is in it', () => {
    const script = scripts.get(shell) ?? '';
    for (const { names, options } of everyCommand(spec)) {
      expect(script).toContain(names[0]);
      for (const { flags } of options) expect(script).toContain(flags.at(-1)?.replace(/^--/, ''));
    }
  });

  test('nothing that it is told is evaluated', () => {
    const code = (scripts.get(shell) ?? '').replace(/^\s*#.*$/gm, '');
    expect(code).not.toMatch(/\beval\b|compgen|_call_program|Invoke-Expression|\biex\b/);
  });
});

test('bash 3.2 knows everything that the bash script uses', () => {
  const code = (scripts.get('bash') ?? '').replace(/^\s*#.*$/gm, '').replaceAll(/'[^'\n]*'/g, "''");
  expect(code).not.toMatch(
    /\b(?:mapfile|readarray|coproc)\b|(?:declare|local|typeset) -[a-z]*[Ang]|\|&|;&|\$\{[^}]*(?:,,|\^\^|@[A-Z])|\[-1\]/,
  );
  expect(code.match(/compopt/g)?.length, 'asked for before it is called').toBe(2);
});

test('hidden commands are not offered', () => {
  expect(everyCommand(spec).map(({ path }) => path)).not.toContain('completion candidates');
});
