import { createHash, createHmac } from 'node:crypto';

/** Where a page begins, and by which query it is made. */
export interface Cursor {
  /** The position of the last row of the page before; undefined for the first page. */
  readonly place: number | undefined;
  readonly query: URLSearchParams;
}

/** As documented. */
const longest = 255;

/** Queries that tokens of an hour ago may still stand for. */
const kept = 10_000;

/**
 * The page tokens of one API. Each names its collection and its place and is signed, so that one that was altered, made
 * up or issued for another collection is told. A query that a token carries is kept here: it may be longer than a token.
 */
export class PageTokens {
  readonly #secret: string;
  readonly #carries: boolean;
  readonly #queries = new Map<string, string>();

  constructor(secret: string, carries: 'position' | 'filters') {
    this.#secret = secret;
    this.#carries = carries === 'filters';
  }

  /** The token of the page that begins after a position. */
  tokenFor(kind: string, { place, query }: { place: number; query: URLSearchParams }): string {
    const text = `${place}.${this.#carries ? this.#keep(query) : ''}`;
    return Buffer.from(`${text}.${this.#signature(kind, text)}`).toString('base64url');
  }

  /** What `page_token` stands for. Undefined if it is none of ours, or of another collection. */
  cursorOf(kind: string, query: URLSearchParams): Cursor | undefined {
    const token = query.get('page_token') ?? '';
    if (token === '') return { place: undefined, query };
    const parts = Buffer.from(token.slice(0, longest), 'base64url').toString('latin1').split('.');
    const [place = '', digest = '', signature] = parts;
    // Text that decodes to the same bytes is still another token.
    const isOurs = Buffer.from(parts.join('.')).toString('base64url') === token;
    if (!isOurs || parts.length !== 3 || signature !== this.#signature(kind, `${place}.${digest}`)) return undefined;
    const carried = digest === '' ? '' : this.#queries.get(digest);
    if (carried === undefined) return undefined;
    const whole = new URLSearchParams(carried);
    // What the request says itself goes before what the token carries.
    for (const [name, value] of query) whole.set(name, value);
    return { place: Number(place), query: whole };
  }

  #keep(query: URLSearchParams): string {
    const carried = new URLSearchParams(query);
    carried.delete('page_token');
    const digest = createHash('sha256').update(String(carried)).digest('hex').slice(0, 16);
    this.#queries.delete(digest);
    this.#queries.set(digest, String(carried));
    const [oldest] = this.#queries.keys();
    if (this.#queries.size > kept && oldest !== undefined) this.#queries.delete(oldest);
    return digest;
  }

  #signature(kind: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${kind} ${text}`).digest('hex').slice(0, 16);
  }
}
