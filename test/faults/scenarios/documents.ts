import type { Fault, Scenarios } from '../exchange.ts';
import { always, html, instead } from '../faults.ts';

/** Responses with status 200 and unexpected content. */
export const documents = {
  '200-html': { fault: always(html(200, 'Log in to the guest network')) },
  'missing-fields': { fault: rows((row) => ({ id: row.id, email: row.email, metadata: {} })) },
  'missing-metadata': { fault: rows(({ metadata, ...row }) => row) },
  'wrong-types': { fault: rows((row) => ({ ...row, status: 7, user: 'u-1', expires_at: 12, metadata: [] })) },
} satisfies Scenarios;

type Fields = Record<string, unknown>;

/** Changes each invitation, in a list or by itself. */
export function rows(change: (row: Fields) => unknown): Fault {
  return instead((_, honest) => {
    if (honest.status !== 200) return honest;
    const document = JSON.parse(String(honest.body)) as Fields & { data?: Fields[] };
    const changed = document.data === undefined ? change(document) : { ...document, data: document.data.map(change) };
    return { ...honest, body: JSON.stringify(changed) };
  });
}
