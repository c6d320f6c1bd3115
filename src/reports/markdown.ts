import { escaped, markdownTable } from '../output/markdown.ts';
import type { Report } from './report.ts';
import type { Section } from './sections.ts';

/** The report for a pull request, a wiki or the summary of a workflow. */
export function reportMarkdown({ total, generated_at }: Report, sections: readonly Section[]): string {
  const parts = sections.map(({ title, head, rows, note }) => {
    const table =
      rows.length === 0
        ? ''
        : `${markdownTable(
            head,
            rows.map(({ cells }) => cells),
          )}\n`;
    return `### ${title}\n\n${table}${note === undefined ? '' : `${escaped(note)}\n\n`}`;
  });
  return `## Invitations\n\n${total} in all, on ${generated_at}\n\n${parts.join('').trimEnd()}\n`;
}
