import { Ajv } from 'ajv';
import { parseDocument } from 'yaml';
import { peopleSchema } from '../../src/people/schema.ts';

const check = new Ajv({ strictSchema: true, strictTypes: false, allErrors: true }).compile(peopleSchema);

/** Whether the JSON Schema admits a document; undefined for what is not a YAML or JSON document at all. */
export function isAdmitted(text: string): boolean | undefined {
  const document = parseDocument(text, { uniqueKeys: false });
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined;
  try {
    return check(document.toJS({ maxAliasCount: 100 }));
  } catch {
    return undefined;
  }
}
