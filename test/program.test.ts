import { describe, expect, test } from 'vitest';
import type { BindAction } from '../src/cli/command.ts';
import { buildProgram, commandGroups } from '../src/program.ts';

const names = Object.values(commandGroups)
  .flat()
  .map(({ usage }) => usage.replace(/[ |].*/, ''));

/** The help of the program, and what was carried out, for these words; without words the whole program is built. */
async function typed(argv?: readonly string[]) {
  const printed: string[] = [];
  const acts: string[] = [];
  const bind: BindAction =
    (act) =>
    async (...words) => {
      acts.push(act.name, ...words.slice(0, 1).flat().map(String));
    };
  const program = await buildProgram(bind, { write: (text) => printed.push(text) }, argv);
  await program.parseAsync(argv ?? ['--help'], { from: 'user' }).catch(() => {});
  return { program, acts, printed, help: printed.join('') };
}

describe('commands are loaded when they are called', () => {
  test('a help of the program with none of them reads as with all of them', async () => {
    expect((await typed(['--help'])).help).toBe((await typed()).help);
  });

  test('each is the whole command when it is called', async () => {
    const { program, printed } = await typed();
    for (const name of names) {
      printed.length = 0;
      program.commands.find((command) => command.name() === name)?.outputHelp();
      expect((await typed([name, '--help'])).help).toBe(printed.join(''));
      expect(printed.join('')).toContain(`Usage: invite ${name}`);
    }
  });

  test.each([
    ['list', ['list']],
    ['an alias', ['ls']],
    ['behind options of the program', ['-p', 'help', '--no-color', '--output', 'json', 'list']],
    ['behind a value that looks like an option', ['--profile', '--profile', 'list']],
    ['behind two dashes', ['--', 'list']],
  ])('%s', async (_, argv) => {
    expect((await typed(argv)).acts[0]).toBe('list');
  });

  test('the others stay unread', async () => {
    const { program } = await typed(['list']);
    const get = program.commands.find((command) => command.name() === 'get');
    expect(get?.description()).toBe('');
  });

  test('but who tells of all of them has them all', async () => {
    const { program } = await typed(['help', 'list']);
    expect(program.commands.filter((command) => command.description() === '')).toEqual([]);
  });
});
