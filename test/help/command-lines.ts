// A client of the document alone: it knows nothing of invite but what `invite help --json` prints.
interface Value {
  readonly type: string;
  readonly values: readonly string[] | null;
}

interface Option {
  readonly name: string;
  readonly value: Value | null;
}

interface Document {
  readonly global_options: readonly Option[];
  readonly value_types: Readonly<Record<string, { readonly example: string }>>;
  readonly commands: readonly {
    readonly path: readonly string[];
    readonly arguments: readonly (Value & { readonly required: boolean })[];
    readonly options: readonly Option[];
  }[];
}

/** Valid command lines: each command as it is, with every argument, and with each of its options and of the global ones. */
export function commandLines(document: Document): string[][] {
  const example = ({ type, values }: Value) => values?.[0] ?? document.value_types[type]?.example ?? '';
  const typed = ({ name, value }: Option) => (value === null ? [name] : [name, example(value)]);
  return document.commands.flatMap(({ path, arguments: args, options }) => {
    const line = [...path, ...args.filter(({ required }) => required).map(example)];
    const others = [...options, ...document.global_options].filter(({ name }) => !/^--(help|version)$/.test(name));
    return [line, [...path, ...args.map(example)], ...others.map((option) => [...line, ...typed(option)])];
  });
}
