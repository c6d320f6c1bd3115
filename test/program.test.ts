import { describe, expect, test } from 'vitest';
import type { BindAction } from '../src/cli/command.ts';
import { buildProgram, commandGroups } from '../src/program.ts';

const names = Object.values(commandGroups)
  .flat()
  .map(({ usage }) => usage.replace(/ .*/, ''));

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
  return { program, acts, help: printed.join('') };
}

describe('commands are loaded when they are called', () => {
  test('a help of the program with none of them reads as with all of them', async () => {
    expect((await typed(['--help'])).help).toBe((await typed()).help);
  });

  test.each(names)('%s is the whole command when it is called', async (name) => {
    const called = (await typed([name, '--help'])).help;
    const whole = await typed();
    const printed: string[] = [];
    whole.program.configureOutput({ writeOut: (text) => printed.push(text) });
    whole.program.commands
      .find((command) => command.name() === name)
      ?.configureOutput({ writeOut: (text) => printed.push(text) })
      .outputHelp();
    expect(called).toBe(printed.join(''));
    expect(called).toContain(`Usage: invite ${name}`);
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
