/** How deep objects and arrays may lie in each other before an answer cannot be the API's. */
export const depthLimit = 64;

/**
 * Takes the keys that would reach an object's prototype out of parsed JSON, in place and at every level.
 * False if it is nested deeper than `levels`: writing that out again would overflow the stack.
 */
export function isSound(value: unknown, levels = depthLimit): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isSound(item, levels - 1));
  return isSoundObject(value as Record<string, unknown>, levels);
}

function isSoundObject(value: Record<string, unknown>, levels: number): boolean {
  for (const key in value) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
      delete value[key];
      continue;
    }
    const inner = value[key];
    if (typeof inner === 'object' && !isSound(inner, levels - 1)) return false;
  }
  return true;
}
