import { invalidArgument } from '../text/suggest.ts';

/** The values that Commander parsed, by attribute name. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** A global option: everything that the parser, the help, the completion and the program need to know of it. */
export interface OptionDefinition<T, Sources = { readonly raw: RawOptions }> {
  readonly group: 'Who you are:' | 'Output:' | 'Running:';
  /** Flags as Commander writes them, each with its help. */
  readonly flags: Readonly<Record<string, string>>;
  /** Values that completion offers. */
  readonly values?: 'profiles' | 'formats' | 'fields' | readonly string[];
  /** Throws `usage` on an invalid value. */
  resolve(sources: Sources): T;
}

function define<T>(definition: OptionDefinition<T>): OptionDefinition<T> {
  return definition;
}

/** The global options that only the renderers read. One that is added here reaches them as `options.name`. */
export const renderOptionDefinitions = {
  fields: define({
    group: 'Output:',
    flags: { '--fields <a,b>': 'show these fields, in this order; dots reach inside' },
    values: 'fields',
    resolve: ({ raw }) => (raw.fields === undefined ? undefined : parseFields(String(raw.fields))),
  }),
  csvRaw: define({
    group: 'Output:',
    flags: { '--csv-raw': 'do not protect csv cells that a spreadsheet would run' },
    resolve: ({ raw }) => raw.csvRaw === true,
  }),
  csvCrlf: define({
    group: 'Output:',
    flags: { '--csv-crlf': 'end the lines of csv with CRLF, as RFC 4180 does' },
    resolve: ({ raw }) => raw.csvCrlf === true,
  }),
};

type Definitions = typeof renderOptionDefinitions;

/** Their values. */
export type RenderOptionValues = {
  readonly [Name in keyof Definitions]?: Definitions[Name] extends OptionDefinition<infer T> ? T : never;
};

/** The names of `--fields a,b`, each once. */
export function parseFields(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ''))];
  if (given.length > 0) return given;
  throw invalidArgument(text, '--fields', 'names of fields, as in id,email');
}
