import { createHash, createHmac } from 'node:crypto';

/** Where a page begins, and the query that selects its rows. */
export interface Cursor {
  /** The position of the last row of the previous page; undefined for the first page. */
  readonly after: number | undefined;
  readonly query: URLSearchParams;
}

/** The documented maximum length of a token. */
const maximumLength = 255;

/** How many queries are remembered for the tokens that carry them. */
const maximumQueries = 10_000;

/**
 * Issues and checks page tokens. A token holds a position and is signed for its collection, so that a token that was
 * altered, made up or issued for another collection is rejected. The query that a token carries is stored here, because
 * it may be longer than a token.
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
  tokenFor(kind: string, { after, query }: { after: number; query: URLSearchParams }): string {
    const text = `${after}.${this.#carries ? this.#store(query) : ''}`;
    return Buffer.from(`${text}.${this.#signature(kind, text)}`).toString('base64url');
  }

  /** Decodes `page_token`. Undefined if the token was not issued here, or for another collection. */
  cursorOf(kind: string, query: URLSearchParams): Cursor | undefined {
    const token = query.get('page_token') ?? '';
    if (token === '') return { after: undefined, query };
    const parts = Buffer.from(token.slice(0, maximumLength), 'base64url').toString('latin1').split('.');
    const [after = '', digest = '', signature] = parts;
    // A different text can decode to the same bytes.
    const isCanonical = Buffer.from(parts.join('.')).toString('base64url') === token;
    if (!isCanonical || parts.length !== 3 || signature !== this.#signature(kind, `${after}.${digest}`))
      return undefined;
    const carried = digest === '' ? '' : this.#queries.get(digest);
    if (carried === undefined) return undefined;
    const merged = new URLSearchParams(carried);
    // The parameters of the request take precedence over those of the token.
    for (const [name, value] of query) merged.set(name, value);
    return { after: Number(after), query: merged };
  }

  #store(query: URLSearchParams): string {
    const carried = new URLSearchParams(query);
    carried.delete('page_token');
    const digest = createHash('sha256').update(String(carried)).digest('hex').slice(0, 16);
    this.#queries.delete(digest);
    this.#queries.set(digest, String(carried));
    const [oldest] = this.#queries.keys();
    if (this.#queries.size > maximumQueries && oldest !== undefined) this.#queries.delete(oldest);
    return digest;
  }

  #signature(kind: string, text: string): string {
    return createHmac('sha256', this.#secret).update(`${kind} ${text}`).digest('hex').slice(0, 16);
  }
}
