/** A run of characters that look alike. */
interface Span {
  readonly text: string;
  readonly color: string;
  readonly bold: boolean;
}

const colors: Readonly<Record<number, string>> = {
  30: '#484f58',
  31: '#ff7b72',
  32: '#3fb950',
  33: '#d29922',
  34: '#58a6ff',
  35: '#bc8cff',
  36: '#39c5cf',
  37: '#b1bac4',
  90: '#6e7681',
};
const plain = '#c9d1d9';
const size = { font: 14, width: 8.43, line: 19, margin: 16, bar: 28 };

/** A picture of a terminal that shows this text, whose colors are escape sequences. */
export function terminalSvg(text: string, title: string): string {
  const lines = text.trimEnd().split('\n').map(spansOf);
  const columns = Math.max(...lines.map((spans) => spans.reduce((sum, span) => sum + [...span.text].length, 0)));
  const width = Math.ceil(columns * size.width + 2 * size.margin);
  const height = size.bar + lines.length * size.line + size.margin;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `<circle cx="${18 + index * 18}" cy="15" r="5.5" fill="${fill}"/>`,
  );
  const rows = lines.map((spans, index) => row(spans, size.bar + size.font + index * size.line));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="${size.font}" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function row(spans: readonly Span[], y: number): string {
  let column = 0;
  const parts = spans.map(({ text, color, bold }) => {
    const x = (size.margin + column * size.width).toFixed(1);
    column += [...text].length;
    const length = ([...text].length * size.width).toFixed(1);
    const weight = bold ? ' font-weight="bold"' : '';
    return `<tspan x="${x}" textLength="${length}" fill="${color}"${weight}>${escaped(text)}</tspan>`;
  });
  return `<text y="${y}">${parts.join('')}</text>`;
}

/** The line cut where its look changes. */
function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let color = plain;
  let bold = false;
  for (const part of line.split(/(\x1b\[[0-9;?]*[A-Za-z])/)) {
    const [, codes] = /^\x1b\[([0-9;]*)m$/.exec(part) ?? [];
    if (codes !== undefined) {
      for (const code of codes.split(';').map(Number)) {
        if (code === 0 || code === 22 || code === 39) color = plain;
        if (code === 0 || code === 22) bold = false;
        if (code === 1) bold = true;
        if (code === 2) color = '#6e7681';
        color = colors[code] ?? color;
      }
    } else if (part !== '' && !part.startsWith('\x1b')) spans.push({ text: part, color, bold });
  }
  return spans;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
