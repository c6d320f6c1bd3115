/** How deep objects and arrays may lie in each other before an answer cannot be the API's. */
export const depthLimit = 64;

/** Writing it out again would overflow the stack. */
export class NestedTooDeeply extends Error {
  override readonly name = 'NestedTooDeeply';
}

/**
 * Removes the keys that would reach an object's prototype from parsed JSON, in place and at every level: a copy would
 * double the memory that a long list takes. Throws `NestedTooDeeply` beyond `levels`.
 */
export function sanitizeJson(value: unknown, levels = depthLimit): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw new NestedTooDeeply();
  if (Array.isArray(value)) for (const item of value) sanitizeJson(item, levels - 1);
  else sanitizeObject(value as Record<string, unknown>, levels);
}

function sanitizeObject(value: Record<string, unknown>, levels: number): void {
  for (const key in value) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
      delete value[key];
      continue;
    }
    const inner = value[key];
    if (typeof inner === 'object') sanitizeJson(inner, levels - 1);
  }
}
