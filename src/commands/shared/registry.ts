import type { CommandFactory } from './command.ts';

/** A command as the help of the program shows it. Its file is loaded when it is called, so that each new one costs no start. */
export interface CommandEntry {
  readonly name: string;
  readonly alias?: string;
  /** What is typed after the name, as in `<email...>`. */
  readonly words?: string;
  readonly summary: string;
  /** The words of another command line that this one is about: that command is loaded, too; `all` of them for help. */
  about?(argv: readonly string[]): readonly string[] | 'all';
  read(): Promise<CommandFactory>;
}

/** What is done with invitations, in the order in which help shows it. */
export const invitationEntries: readonly CommandEntry[] = [
  {
    name: 'create',
    words: '<email...>',
    summary: 'invite people',
    read: async () => (await import('../create.ts')).createCommand,
  },
  {
    name: 'get',
    alias: 'show',
    words: '[id|email]',
    summary: 'show one invitation',
    read: async () => (await import('../get.ts')).getCommand,
  },
  {
    name: 'list',
    alias: 'ls',
    summary: 'list invitations',
    read: async () => (await import('../list.ts')).listCommand,
  },
  {
    name: 'delete',
    alias: 'rm',
    words: '[id|email...]',
    summary: 'revoke invitations',
    read: async () => (await import('../delete.ts')).deleteCommand,
  },
  {
    name: 'resend',
    words: '[id|email...]',
    summary: 'mail invitations again',
    read: async () => (await import('../resend.ts')).resendCommand,
  },
  {
    name: 'import',
    words: '<file>',
    summary: 'invite everybody in a file',
    read: async () => (await import('../import.ts')).importCommand,
  },
  {
    name: 'wait',
    words: '[id|email...]',
    summary: 'wait until invitations are accepted',
    read: async () => (await import('../wait.ts')).waitCommand,
  },
  {
    name: 'report',
    summary: 'counts, ages, time to acceptance',
    read: async () => (await import('../report.ts')).reportCommand,
  },
];

/** What is done once, or about the program itself. */
export const setupEntries: readonly CommandEntry[] = [
  {
    name: 'auth',
    summary: 'keys and profiles',
    read: async () => (await import('../auth.ts')).authCommand,
  },
  {
    name: 'sandbox',
    summary: 'manage the built-in API for trials and tests',
    read: async () => (await import('../sandbox.ts')).sandboxCommand,
  },
  {
    name: 'doctor',
    summary: 'diagnose the setup',
    read: async () => (await import('../doctor.ts')).doctorCommand,
  },
  {
    name: 'completion',
    words: '<shell>',
    summary: 'print a completion script',
    about: (argv) => (argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : []),
    read: async () => (await import('../completion.ts')).completionCommand,
  },
  {
    name: 'help',
    words: '[command|topic...]',
    summary: 'explain a command or a topic',
    about: () => 'all',
    read: async () => (await import('../help.ts')).helpCommand,
  },
];
