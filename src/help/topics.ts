/** A text on something that concerns more than one command, loaded when somebody reads it. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  read(): Promise<string>;
}

/** Every topic, in the order in which help names them. */
export const topics: readonly Topic[] = [
  {
    name: 'environment',
    summary: 'the variables that are read',
    read: async () => (await import('./reference.ts')).environmentTopic(),
  },
  {
    name: 'exit-codes',
    summary: 'what a script can tell from the exit code',
    read: async () => (await import('./reference.ts')).exitCodesTopic(),
  },
  {
    name: 'output',
    summary: 'formats, fields, and which stream carries what',
    read: async () => (await import('./topic-pages.ts')).outputTopic(),
  },
  {
    name: 'profiles',
    summary: 'keys, where they are kept, and which one is used',
    read: async () => (await import('./topic-pages.ts')).profilesTopic(),
  },
  {
    name: 'import',
    summary: 'the file that "invite import" reads',
    read: async () => (await import('./topic-pages.ts')).importTopic(),
  },
  {
    name: 'roles',
    summary: 'the names of roles, and how far a role reaches',
    read: async () => (await import('./topic-pages.ts')).rolesTopic(),
  },
];
