/** A `Uint32Array` that grows; what was never set is 0. */
export class GrowableUint32Array {
  #items = new Uint32Array(64);

  at(index: number): number {
    return this.#items[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#items.length) {
      const larger = new Uint32Array(Math.max(index + 1, this.#items.length * 2));
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[index] = value;
  }
}

/** Texts in the order in which they were added, as bytes outside V8's heap. */
export class TextPool {
  #bytes = Buffer.alloc(1 << 12);
  readonly #ends = new GrowableUint32Array();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Returns its number, counted from 0. */
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
 * E-mail addresses without regard to ASCII case, numbered from 0. An open-addressing hash table over bytes: a Map of a
 * hundred thousand strings would take many times the memory.
 */
export class EmailIndex {
  readonly #texts = new TextPool();
  /** By the hash of an address, its number plus one; 0 marks a free slot. */
  #slots = new Uint32Array(256);

  get size(): number {
    return this.#texts.size;
  }

  /** Undefined for an address that was never added. */
  numberOf(email: string): number | undefined {
    const number = this.#slots[this.#slotOf(Buffer.from(email))] ?? 0;
    return number === 0 ? undefined : number - 1;
  }

  /** Returns the number of the address, which is new if the address is. */
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

  /** The address as it was first added. */
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

function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && a.every((byte, at) => lowerCase(byte) === lowerCase(b[at] ?? 0));
}

/** As `foldEmail` does it. The bytes of a longer UTF-8 character are no ASCII letters. */
function lowerCase(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** FNV-1a. */
function hashOf(address: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of address) hash = Math.imul(hash ^ lowerCase(byte), 0x01000193);
  return hash >>> 0;
}
