import { describe, expect, test } from 'vitest';
import { scriptFor, shells } from '../../src/commands/completion.ts';

describe.each(shells)('%s', (shell) => {
  test('nothing that it is told is evaluated', async () => {
    const code = (await scriptFor(shell)).replace(/^\s*#.*$/gm, '');
    expect(code).not.toMatch(/\beval\b|compgen|_call_program|Invoke-Expression|\biex\b/);
    expect(code).toContain('completion complete');
  });
});

test('bash 3.2 knows everything that the bash script uses', async () => {
  const code = (await scriptFor('bash')).replace(/^\s*#.*$/gm, '').replaceAll(/'[^'\n]*'/g, "''");
  expect(code).not.toMatch(
    /\b(?:mapfile|readarray|coproc)\b|(?:declare|local|typeset) -[a-z]*[Ang]|\|&|;&|\$\{[^}]*(?:,,|\^\^|@[A-Z])|\[-1\]/,
  );
  expect(code).toMatch(/type compopt > \/dev\/null 2>&1 \|\| return 0/);
});
