import { Command } from 'commander';
import type { BindAction, CommandDefinition } from './command.ts';

/**
 * A command as the help of the program shows it: the only place for its name, alias and summary. Its file is loaded when
 * the command is called, so that a new command does not slow the start of the others.
 */
export interface CommandEntry {
  readonly name: string;
  readonly alias?: string;
  /** Its arguments in the help of the program, as in `<email...>`. */
  readonly args?: string;
  readonly summary: string;
  /** Another command line that this one needs to understand: its command is loaded, too; `all` of them for help. */
  about?(argv: readonly string[]): readonly string[] | 'all';
  load(): Promise<CommandDefinition>;
}

/** The whole command. */
export async function loadCommand(entry: CommandEntry, bind: BindAction): Promise<Command> {
  return (await entry.load())(named(entry), bind);
}

/** A command that only appears in the help of the program and is never called. */
export function placeholder(entry: CommandEntry): Command {
  const command = named(entry);
  return entry.args === undefined ? command : command.arguments(entry.args);
}

function named({ name, alias, summary }: CommandEntry): Command {
  const command = new Command(name).summary(summary);
  return alias === undefined ? command : command.alias(alias);
}

/** The commands for invitations, in the order of the help. */
export const invitationEntries: readonly CommandEntry[] = [
  {
    name: 'create',
    args: '[email...]',
    summary: 'invite people',
    load: async () => (await import('../create.ts')).createCommand,
  },
  {
    name: 'get',
    alias: 'show',
    args: '[id|email]',
    summary: 'show one invitation',
    load: async () => (await import('../get.ts')).getCommand,
  },
  {
    name: 'list',
    alias: 'ls',
    summary: 'list invitations',
    load: async () => (await import('../list.ts')).listCommand,
  },
  {
    name: 'delete',
    alias: 'rm',
    args: '[id|email...]',
    summary: 'revoke invitations',
    load: async () => (await import('../delete.ts')).deleteCommand,
  },
  {
    name: 'resend',
    args: '[id|email...]',
    summary: 'mail invitations again',
    load: async () => (await import('../resend.ts')).resendCommand,
  },
  {
    name: 'import',
    args: '[file]',
    summary: 'invite everybody in a file',
    load: async () => (await import('../import.ts')).importCommand,
  },
  {
    name: 'wait',
    args: '[id|email...]',
    summary: 'wait until invitations are accepted',
    load: async () => (await import('../wait.ts')).waitCommand,
  },
  {
    name: 'report',
    summary: 'counts, ages, time to acceptance',
    load: async () => (await import('../report.ts')).reportCommand,
  },
];

/** The commands for the members, by a file that lists them. */
export const membershipEntries: readonly CommandEntry[] = [
  {
    name: 'plan',
    args: '<file>',
    summary: 'compare a file of people with the organization',
    load: async () => (await import('../plan.ts')).planCommand,
  },
  {
    name: 'apply',
    args: '<file>',
    summary: 'make the organization as the file has it',
    load: async () => (await import('../apply.ts')).applyCommand,
  },
  {
    name: 'export',
    summary: 'print the organization as a file of people',
    load: async () => (await import('../export.ts')).exportCommand,
  },
  {
    name: 'trace',
    args: '<email|user-id>',
    summary: 'all that is known of one person',
    load: async () => (await import('../trace.ts')).traceCommand,
  },
];

/** The commands for the setup and about the program itself. */
export const setupEntries: readonly CommandEntry[] = [
  {
    name: 'auth',
    summary: 'manage API keys and profiles',
    load: async () => (await import('../auth.ts')).authCommand,
  },
  {
    name: 'sandbox',
    summary: 'manage the built-in API for trials and tests',
    load: async () => (await import('../sandbox.ts')).sandboxCommand,
  },
  {
    name: 'doctor',
    summary: 'diagnose the setup',
    load: async () => (await import('../doctor.ts')).doctorCommand,
  },
  {
    name: 'completion',
    args: '<shell>',
    summary: 'print a completion script',
    about: (argv) => (argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : []),
    load: async () => (await import('../completion.ts')).completionCommand,
  },
  {
    name: 'help',
    args: '[command|topic...]',
    summary: 'explain a command or a topic',
    about: () => 'all',
    load: async () => (await import('../help.ts')).helpCommand,
  },
];
