import { cleanLine } from '../text/sanitize.ts';
import type { Renderer, View } from './view.ts';

/** What an output format is and can do; everything that depends on a format asks here. */
interface FormatDefinition {
  readonly description: string;
  /** For a person there are hints, counts and questions; a program gets the result alone. */
  readonly reader: 'person' | 'program';
  /** How a failure is written on stderr. */
  readonly errors: 'text' | 'json';
  /** Results of many changes are written as each one is there, not in the order of the targets. */
  readonly streams: boolean;
  /** What is written once all of it is there: the pages of a list would pass for all of it, and half a document for none. */
  readonly held: 'nothing' | 'pages' | 'everything';
  /** Rows below a header, so that a nested document has to be written as rows. */
  readonly tabular: boolean;
  /** Loaded when it is asked for. */
  load(): Promise<Renderer>;
}

const program = { reader: 'program', errors: 'text', streams: false, held: 'pages', tabular: false } as const;

export const formatDefinitions = {
  table: {
    description: 'for people: fitted to a terminal; piped, plain columns without color or cuts',
    reader: 'person',
    errors: 'text',
    streams: false,
    held: 'nothing',
    tabular: true,
    load: async () => (await import('./table.ts')).renderer,
  },
  json: {
    description: 'one document: an object for one target, an array for several or a list',
    ...program,
    errors: 'json',
    held: 'everything',
    load: async () => (await import('./json.ts')).jsonRenderer,
  },
  ndjson: {
    description: 'one object a line, each as soon as it is known',
    ...program,
    errors: 'json',
    streams: true,
    held: 'nothing',
    load: async () => (await import('./json.ts')).ndjsonRenderer,
  },
  csv: {
    description: 'a header and rows',
    ...program,
    streams: true,
    tabular: true,
    load: async () => (await import('./csv.ts')).renderer,
  },
  yaml: {
    description: 'a mapping for one target, a sequence for several or a list',
    ...program,
    load: async () => (await import('./yaml.ts')).renderer,
  },
  id: {
    description: 'one id a line, for the next command',
    ...program,
    load: async () => idRenderer,
  },
  markdown: {
    description: 'for a page, an issue or a pull request; only of some commands',
    ...program,
    tabular: true,
    load: async () => (await import('./markdown.ts')).renderer,
  },
} as const satisfies Record<string, FormatDefinition>;

export type Format = keyof typeof formatDefinitions;

export function formatDefinition(format: Format): FormatDefinition {
  return formatDefinitions[format];
}

export const allFormats = Object.keys(formatDefinitions) as readonly Format[];

/** Those of a command that does not say otherwise. */
export const commonFormats = allFormats.filter((format) => format !== 'markdown');

/** One id a line; an item without an id prints nothing. */
const idRenderer: Renderer = {
  async *many(view, batches) {
    for await (const batch of batches) {
      const text = batch.map((item) => idLine(view, item)).join('');
      if (text !== '') yield text;
    }
  },
  one: idLine,
};

function idLine<T>(view: View<T>, item: T): string {
  const id = cleanLine(view.id(item) ?? '');
  return id === '' ? '' : `${id}\n`;
}
