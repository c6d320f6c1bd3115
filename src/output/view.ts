/** How the fields of a resource are shown; the renderers know nothing else about it. */
export interface View<T> {
  /** Every field, under the API's own name, with dots to reach inside: `metadata.created_at`. */
  readonly fields: readonly string[];
  /** Fields that hold a time as the API sent it; a person at a terminal sees them in words. */
  readonly times: readonly string[];
  /** Fields that a person reads more easily in words than as they are. */
  readonly words?: Readonly<Record<string, (value: unknown, record: Fields) => string>>;
  /** The columns of a table. Their titles are names of their fields too, in `--fields` and `--sort`. */
  readonly columns: readonly Column[];
  readonly csv: readonly string[];
  /** How csv writes those that would be JSON in a cell otherwise. */
  readonly csvText?: Readonly<Record<string, (value: unknown) => string>>;
  /** The lines of a `field: value` block; those without a value are left out if the record lacks them. */
  readonly block: readonly string[];
  /**
   * The item as it goes into json, ndjson and yaml, and the source of every cell.
   * @param now Milliseconds since 1970.
   */
  record(item: T, now: number): Fields;
  /** What `-o id` prints; undefined prints nothing. */
  id(item: T): string | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

/** The view of an object that is shown as it is, with whatever is particular about it. */
export function viewOf<T extends object>(fields: readonly string[], particular: Partial<View<T>> = {}): View<T> {
  return {
    fields,
    times: [],
    columns: [],
    csv: fields,
    block: fields,
    record: (item) => Object.fromEntries(Object.entries(item)),
    id: () => undefined,
    ...particular,
  };
}

export interface Column {
  readonly title: string;
  readonly field: string;
  /**
   * Where space is short, the column with the highest rank goes first; 0 always stays. Those up to 2 tell one row from
   * another: others go before these are made narrower than is comfortable.
   */
  readonly rank: number;
  /** The width to which it is shortened before it goes. If left out: 16, and the whole width at rank 0. */
  readonly narrowest?: number;
  /** The width of the longest usual value, for a table whose later rows are not known yet. */
  readonly typical?: number;
  /** Only shown if a row has a value in it. */
  readonly optional?: true;
  /** The cell's value, where it is not just that of the field. */
  readonly value?: (record: Fields) => unknown;
}

/** What a renderer must know: the options that were given, checked, by their names, and the place it renders for. */
export interface RenderOptions {
  readonly fields?: readonly string[] | undefined;
  readonly csvRaw?: boolean;
  readonly csvCrlf?: boolean;
  /** A person reads it: relative times, borders, fitted widths. */
  readonly isTTY: boolean;
  /** Columns of the terminal, 0 where it does not say. */
  readonly width: number;
  /** Chalk's levels: 0 none, 1 the 16 colors, 2 256, 3 all. */
  readonly color: 0 | 1 | 2 | 3;
  /** Milliseconds since 1970 by the server's clock, which is known only when an answer is there. */
  now(): number;
  /** No borders and no columns: every item as a block, for a screen reader. */
  readonly accessible?: boolean;
  /** No borders: the terminal is a dumb one. */
  readonly borderless?: boolean;
  /** Called with the titles of columns that the terminal is too narrow for. */
  readonly leftOut?: (titles: readonly string[]) => void;
}

/** Items that arrive together, such as a page of a list; those that are all there are one batch in an array. */
export type Batches<T> = AsyncIterable<readonly T[]> | Iterable<readonly T[]>;

/** Turns data into text and touches no stream. Every text ends with a newline, except in the middle of a document. */
export interface Renderer {
  /** Many items that arrive in batches. An error of the source ends the text as the format demands, and is thrown on. */
  many<T>(view: View<T>, batches: Batches<T>, options: RenderOptions): AsyncIterable<string>;
  one<T>(view: View<T>, item: T, options: RenderOptions): string;
}
