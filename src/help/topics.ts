/** A text about something that concerns several commands; loaded when it is read. */
interface Topic {
  readonly name: string;
  readonly summary: string;
  read(): Promise<string>;
}

/** Every topic, in the order in which help names them. */
export const topics: readonly Topic[] = [
  {
    name: 'environment',
    summary: 'environment variables',
    read: async () => (await import('./reference.ts')).environmentTopic(),
  },
  {
    name: 'exit-codes',
    summary: 'exit codes and error codes',
    read: async () => (await import('./reference.ts')).exitCodesTopic(),
  },
  {
    name: 'output',
    summary: 'formats, fields and streams',
    read: async () => (await import('./topic-pages.ts')).outputTopic(),
  },
  {
    name: 'profiles',
    summary: 'keys, where they are stored, and which one is used',
    read: async () => (await import('./topic-pages.ts')).profilesTopic(),
  },
  {
    name: 'import',
    summary: 'the files that "invite import" reads',
    read: async () => (await import('./topic-pages.ts')).importTopic(),
  },
  {
    name: 'membership',
    summary: 'the file of people for plan, apply and export',
    read: async () => (await import('./membership-topic.ts')).membershipTopic(),
  },
  {
    name: 'roles',
    summary: 'names and scopes of roles',
    read: async () => (await import('./topic-pages.ts')).rolesTopic(),
  },
];
