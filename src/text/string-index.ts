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
 * Distinct strings, numbered from 0. An open-addressing hash table over their UTF-8: a Map or a Set of as many strings
 * would take many times the memory.
 */
export class StringIndex {
  readonly #texts = new TextPool();
  /** What each byte counts as, so that strings that differ in case may be the same. */
  readonly #folded: Uint8Array;
  /** By the hash of a string, its number plus one; 0 marks a free slot. */
  #slots = new Uint32Array(256);

  constructor(folded = everyByte) {
    this.#folded = folded;
  }

  get size(): number {
    return this.#texts.size;
  }

  /** Undefined for a string that was never added. */
  numberOf(text: string): number | undefined {
    const number = this.#slots[this.#slotOf(Buffer.from(text))] ?? 0;
    return number === 0 ? undefined : number - 1;
  }

  /** Returns the number of the string, which is new if the string is. */
  add(text: string): number {
    const bytes = Buffer.from(text);
    const slot = this.#slotOf(bytes);
    const known = this.#slots[slot] ?? 0;
    if (known !== 0) return known - 1;
    const number = this.#texts.add(bytes);
    this.#slots[slot] = number + 1;
    if (this.size * 2 > this.#slots.length) this.#rehash();
    return number;
  }

  /** The string as it was first added. */
  at(number: number): string {
    return this.#texts.at(number).toString();
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let number = 0; number < this.size; number += 1) {
      this.#slots[this.#slotOf(this.#texts.at(number))] = number + 1;
    }
  }

  /** The slot that holds this string, or the free one where it belongs. */
  #slotOf(bytes: Buffer): number {
    const mask = this.#slots.length - 1;
    let slot = this.#hashOf(bytes) & mask;
    for (let number = this.#slots[slot]; number !== 0 && number !== undefined; number = this.#slots[slot]) {
      if (this.#isSame(this.#texts.at(number - 1), bytes)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isSame(a: Buffer, b: Buffer): boolean {
    if (a.length !== b.length) return false;
    for (let at = 0; at < a.length; at += 1) {
      if (this.#folded[a[at] ?? 0] !== this.#folded[b[at] ?? 0]) return false;
    }
    return true;
  }

  /** FNV-1a. */
  #hashOf(bytes: Buffer): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < bytes.length; at += 1) {
      hash = Math.imul(hash ^ (this.#folded[bytes[at] ?? 0] ?? 0), 0x01000193);
    }
    return hash >>> 0;
  }
}

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
