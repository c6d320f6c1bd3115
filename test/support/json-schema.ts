/** The part of JSON Schema that the schemas of the tests use. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'null';
  readonly const?: unknown;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly anyOf?: readonly Schema[];
}

/** Every place where a value does not follow the schema, as `/commands/0/name: not a string`. */
export function violations(value: unknown, schema: Schema, root: Schema = schema, at = ''): string[] {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    if (target === undefined) throw new Error(`the schema has no ${schema.$ref}`);
    return violations(value, target, root, at);
  }
  if (schema.anyOf !== undefined) {
    const all = schema.anyOf.map((one) => violations(value, one, root, at));
    return all.some((found) => found.length === 0) ? [] : all.flat();
  }
  if ('const' in schema && value !== schema.const) return [`${at}: not ${JSON.stringify(schema.const)}`];
  if (schema.type !== undefined && typeOf(value) !== schema.type) return [`${at}: not of type ${schema.type}`];
  if (typeof value === 'string') {
    const isMatch = schema.pattern === undefined || new RegExp(schema.pattern).test(value);
    return isMatch ? [] : [`${at}: "${value}" does not match ${schema.pattern}`];
  }
  if (Array.isArray(value)) {
    const short = value.length < (schema.minItems ?? 0) ? [`${at}: too short`] : [];
    return [...short, ...value.flatMap((item, index) => violations(item, schema.items ?? {}, root, `${at}/${index}`))];
  }
  return typeOf(value) === 'object' ? ofObject(value as Record<string, unknown>, schema, root, at) : [];
}

function ofObject(value: Readonly<Record<string, unknown>>, schema: Schema, root: Schema, at: string): string[] {
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
  const found = Object.entries(value).flatMap(([name, item]) => {
    const own = schema.properties?.[name] ?? schema.additionalProperties;
    if (own === false) return [`${at}/${name}: unknown`];
    return violations(item, own ?? {}, root, `${at}/${name}`);
  });
  return [...missing.map((name) => `${at}/${name}: missing`), ...found];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
