/** Numbers in a row that grows; those never set are 0. */
export class GrowableUint32Array {
  #all = new Uint32Array(64);

  at(index: number): number {
    return this.#all[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#all.length) {
      const larger = new Uint32Array(Math.max(index + 1, this.#all.length * 2));
      larger.set(this.#all);
      this.#all = larger;
    }
    this.#all[index] = value;
  }
}

/** Texts in the order of adding, as bytes outside of V8's heap. */
export class TextPool {
  #bytes = Buffer.alloc(1 << 12);
  readonly #ends = new GrowableUint32Array();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Its number, counted from 0. */
  add(text: Buffer): number {
    const start = this.#startOf(this.#size);
    const end = start + text.length;
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(end, this.#bytes.length * 2));
    text.copy(this.#bytes, start);
    this.#ends.set(this.#size, end);
    this.#size += 1;
    return this.#size - 1;
  }

  at(number: number): Buffer {
    return this.#bytes.subarray(this.#startOf(number), this.#ends.at(number));
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : this.#ends.at(number - 1);
  }
}

/**
 * E-mail addresses, each once whatever the case of its ASCII letters, with a number that counts from 0. Kept as bytes
 * and numbers: a hundred thousand strings in a Map would be many times as large, and larger still until collected.
 */
export class EmailIndex {
  readonly #texts = new TextPool();
  /** Numbers of addresses, one more than they are, by the hash of the address; 0 is free. */
  #slots = new Uint32Array(256);

  get size(): number {
    return this.#texts.size;
  }

  /** Undefined if it was never added. */
  numberOf(email: string): number | undefined {
    const number = this.#slots[this.#slotOf(Buffer.from(email))] ?? 0;
    return number === 0 ? undefined : number - 1;
  }

  /** The number that it has, or gets. */
  add(email: string): number {
    const address = Buffer.from(email);
    const slot = this.#slotOf(address);
    const known = this.#slots[slot] ?? 0;
    if (known !== 0) return known - 1;
    const number = this.#texts.add(address);
    this.#slots[slot] = number + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** As it was added first. */
  at(number: number): string {
    return this.#texts.at(number).toString();
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4);
    for (let number = 0; number < this.size; number += 1) {
      this.#slots[this.#slotOf(this.#texts.at(number))] = number + 1;
    }
  }

  /** The slot that holds this address, or the free one where it belongs. */
  #slotOf(address: Buffer): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(address) & mask;
    for (let number = this.#slots[slot]; number !== 0 && number !== undefined; number = this.#slots[slot]) {
      if (isSame(this.#texts.at(number - 1), address)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}

/** A JSON value for each e-mail that has one. */
export class ByEmail<Value> {
  readonly #emails = new EmailIndex();
  readonly #values = new TextPool();
  /** Which value each address has. */
  readonly #places = new GrowableUint32Array();

  get size(): number {
    return this.#emails.size;
  }

  has(email: string): boolean {
    return this.#emails.numberOf(email) !== undefined;
  }

  get(email: string): Value | undefined {
    const number = this.#emails.numberOf(email);
    return number === undefined ? undefined : JSON.parse(this.#values.at(this.#places.at(number)).toString());
  }

  set(email: string, value: Value): void {
    this.#places.set(this.#emails.add(email), this.#values.add(Buffer.from(JSON.stringify(value))));
  }
}

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && a.every((byte, at) => small(byte) === small(b[at] ?? 0));
}

/** A capital ASCII letter as a small one, as `foldEmail` has it; inside of a longer character there is none. */
function small(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** FNV-1a. */
function hashOf(address: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of address) hash = Math.imul(hash ^ small(byte), 0x01000193);
  return hash >>> 0;
}
