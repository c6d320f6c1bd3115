import { parseAst } from 'rolldown/parseAst';
import type { Source } from './house.ts';

interface FunctionLength {
  readonly where: string;
  readonly lines: number;
}

const functions = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

/** The length in lines of every function with a name or a body of its own. */
export function functionLengths({ path, text }: Source): FunctionLength[] {
  const lineOf = lineFinder(text);
  const found: FunctionLength[] = [];
  visit(parseAst(text, { lang: 'ts' }), (node) => {
    if (!functions.includes(node.type)) return;
    const first = lineOf(node.start);
    const lines = lineOf(node.end) - first + 1;
    // A one-line arrow is an expression with a parameter, not a function somebody has to read.
    if (node.type !== 'ArrowFunctionExpression' || lines > 1) found.push({ where: `${path}:${first}`, lines });
  });
  return found;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value && 'start' in value && typeof value.type === 'string') see(value as Node);
  for (const inner of Object.values(value)) visit(inner, see);
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after < 0 ? starts.length : after;
  };
}
