import { GrowableUint32Array, StringIndex, TextPool } from '../text/string-index.ts';

/** As `foldEmail` does it. The bytes of a longer UTF-8 character are no ASCII letters. */
const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/** E-mail addresses without regard to ASCII case, numbered from 0. */
export class EmailIndex extends StringIndex {
  constructor() {
    super(lowerCase);
  }
}

/** A map from e-mail addresses to JSON values. */
export class ByEmail<Value> {
  readonly #emails = new EmailIndex();
  readonly #values = new TextPool();
  /** The number of the value of each address. */
  readonly #valueNumbers = new GrowableUint32Array();

  get size(): number {
    return this.#emails.size;
  }

  has(email: string): boolean {
    return this.#emails.numberOf(email) !== undefined;
  }

  get(email: string): Value | undefined {
    const number = this.#emails.numberOf(email);
    return number === undefined ? undefined : JSON.parse(this.#values.at(this.#valueNumbers.at(number)).toString());
  }

  set(email: string, value: Value): void {
    this.#valueNumbers.set(this.#emails.add(email), this.#values.add(Buffer.from(JSON.stringify(value))));
  }
}
