/** Where in a text something is, counted from one. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Space, and then a mark, a text, or a number or word. */
const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b))/y;

/** What may come next; `value?` and `key?` stand behind an opening bracket, which may close at once. */
type Next = 'value' | 'value?' | 'key' | 'key?' | 'colon' | 'comma';

const afterComma: Readonly<Record<string, Next>> = { '{': 'key', '[': 'value' };

/**
 * The place of the first thing that no JSON text may have there. Needed because what `JSON.parse` says about a place
 * differs between versions of Node, and quotes the text, which may hold a secret.
 */
export function firstMistake(text: string): Place | undefined {
  const open: string[] = [];
  let next: Next = 'value';
  let offset = 0;
  for (;;) {
    token.lastIndex = offset;
    const found: RegExpExecArray | null = token.exec(text);
    const after: Next | undefined = found === null ? undefined : step(found, next, open);
    if (found === null || after === undefined) return atEnd(text, offset, next, open);
    next = after;
    offset = token.lastIndex;
  }
}

/** What may follow this token; undefined if it may not stand here. */
function step([, mark, string]: RegExpExecArray, next: Next, open: string[]): Next | undefined {
  const expectsValue = next === 'value' || next === 'value?';
  const expectsKey = next === 'key' || next === 'key?';
  if (mark === undefined) {
    if (expectsValue) return 'comma';
    return expectsKey && string !== undefined ? 'colon' : undefined;
  }
  if (mark === '{' || mark === '[') {
    if (!expectsValue) return undefined;
    open.push(mark);
    return mark === '{' ? 'key?' : 'value?';
  }
  if (mark === ':') return next === 'colon' ? 'value' : undefined;
  if (mark === ',') return next === 'comma' ? afterComma[open.at(-1) ?? ''] : undefined;
  const mayClose = next === 'comma' || next === (mark === '}' ? 'key?' : 'value?');
  return mayClose && open.pop() === (mark === '}' ? '{' : '[') ? 'comma' : undefined;
}

function atEnd(text: string, offset: number, next: Next, open: readonly string[]): Place | undefined {
  const rest = text.slice(offset);
  const space = /^[ \t\r\n]*/.exec(rest)?.[0].length ?? 0;
  const isWhole = space === rest.length && next === 'comma' && open.length === 0;
  return isWhole ? undefined : placeOf(text, offset + space);
}

export function placeOf(text: string, offset: number): Place {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
