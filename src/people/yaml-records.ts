import type { Value } from './document.ts';
import { Mapping } from './record.ts';

/** A value of YAML in the form in which those of JSON are read. */
export function fromYaml(value: Value): unknown {
  switch (value.kind) {
    case 'scalar':
      return value.scalar;
    case 'list':
      return [...value.items()].map(fromYaml);
    case 'map': {
      const mapping = new Mapping(value.line);
      for (const { key, value: inner } of value.entries()) mapping.add(key, fromYaml(inner));
      return mapping;
    }
    default:
      throw new Error(`no such value: ${value satisfies never}`);
  }
}
