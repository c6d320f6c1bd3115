import { GrowableUint32Array, StringIndex, TextPool } from '../text/string-index.ts';

/** Like `foldEmail`. The bytes of longer UTF-8 characters are not ASCII letters. */
const lowerCase = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/** Numbers e-mail addresses from 0, ignoring ASCII case. */
export class EmailIndex extends StringIndex {
  constructor() {
    super(lowerCase);
  }
}

/** A map from e-mail addresses to JSON values. */
export class ByEmail<Value> {
  readonly #emails = new EmailIndex();
  readonly #values = new TextPool();
  /** The index of the value of each address. */
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
