/** A text about something that concerns several commands; loaded when it is read. */
interface Topic {
  readonly name: string;
  readonly summary: string;
  read(): Promise<string>;
  /** What --json prints, if it is not the text. */
  document?(): Promise<object>;
}

const pages = () => import('./topic-pages.ts');
const schema = async () => (await import('../people/schema.ts')).peopleSchema;
const reference = () => import('./reference.ts');

/** Every topic, in the order in which help names them. */
export const topics: readonly Topic[] = [
  { name: 'environment', summary: 'environment variables', read: async () => (await reference()).environmentTopic() },
  { name: 'exit-codes', summary: 'exit codes and error codes', read: async () => (await reference()).exitCodesTopic() },
  { name: 'output', summary: 'formats, fields and streams', read: async () => (await pages()).outputTopic() },
  {
    name: 'profiles',
    summary: 'keys, where they are stored, and which one is used',
    read: async () => (await pages()).profilesTopic(),
  },
  {
    name: 'pipelines',
    summary: 'CI without a stored key, with complete files',
    read: async () => (await import('./pipelines.ts')).pipelinesTopic(),
  },
  { name: 'import', summary: 'the files that "invite import" reads', read: async () => (await pages()).importTopic() },
  {
    name: 'offboarding',
    summary: 'who is in, and how to take people out',
    read: async () => (await pages()).offboardingTopic(),
  },
  {
    name: 'membership',
    summary: 'the file of people for plan, apply and export',
    read: async () => (await pages()).membershipTopic(),
  },
  {
    name: 'unknowns',
    summary: 'what the API does not document',
    read: async () => (await pages()).unknownsTopic(),
  },
  {
    name: 'schema',
    summary: 'the JSON Schema of a file of people, for editors',
    read: async () => `${JSON.stringify(await schema(), null, 2)}\n`,
    document: () => schema(),
  },
  { name: 'roles', summary: 'names and scopes of roles', read: async () => (await pages()).rolesTopic() },
];
