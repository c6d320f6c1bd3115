import type { AuthType } from '../invitations/invitation.ts';
import type { Role } from '../roles/role.ts';
import type { Row } from './row.ts';

const authTypeCodes: readonly (AuthType | undefined)[] = [undefined, 'sso', 'local'];

/**
 * The people of a file, each once, found by their address whatever the case of its ASCII letters. Kept as bytes and
 * numbers: a hundred thousand objects would be many times as large, and larger still until they are collected.
 */
export class People {
  #bytes = Buffer.alloc(1 << 12);
  /** Where each address ends in the bytes, and what its row says. */
  #ends = new Uint32Array(64);
  #lines = new Uint32Array(64);
  #roles = new Uint32Array(64);
  #authTypes = new Uint8Array(64);
  /** Numbers of people, one more than they are, by the hash of their address; 0 is free. */
  #slots = new Uint32Array(256);
  readonly #roleLists: (readonly Role[])[] = [[]];
  readonly #roleNumbers = new Map<readonly Role[], number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(email: string): boolean {
    const address = Buffer.from(email);
    return this.#slots[this.#slotOf(address)] !== 0;
  }

  /** The row of this person, if there is one. */
  get(email: string): Row | undefined {
    const number = this.#slots[this.#slotOf(Buffer.from(email))] ?? 0;
    return number === 0 ? undefined : this.#row(number - 1);
  }

  /** Adds a person, or gives the one that is there another row. */
  set(row: Row): void {
    const address = Buffer.from(row.email);
    const slot = this.#slotOf(address);
    const number = this.#slots[slot] ?? 0;
    const index = number === 0 ? this.#append(address, slot) : number - 1;
    this.#lines[index] = row.line;
    this.#roles[index] = this.#numberOf(row.roles);
    this.#authTypes[index] = authTypeCodes.indexOf(row.authType);
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let index = 0; index < this.#size; index += 1) yield this.#row(index);
  }

  #row(index: number): Row {
    return {
      line: this.#lines[index] ?? 0,
      email: this.#bytes.toString('utf8', this.#startOf(index), this.#ends[index]),
      authType: authTypeCodes[this.#authTypes[index] ?? 0],
      roles: this.#roleLists[this.#roles[index] ?? 0] ?? [],
    };
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #numberOf(roles: readonly Role[]): number {
    if (roles.length === 0) return 0;
    const number = this.#roleNumbers.get(roles) ?? this.#roleLists.push(roles) - 1;
    this.#roleNumbers.set(roles, number);
    return number;
  }

  #append(address: Buffer, slot: number): number {
    const index = this.#size;
    const start = this.#startOf(index);
    this.#makeRoom(start + address.length);
    address.copy(this.#bytes, start);
    this.#ends[index] = start + address.length;
    this.#size += 1;
    this.#slots[slot] = this.#size;
    if (this.#size * 2 > this.#slots.length) this.#rehash();
    return index;
  }

  #makeRoom(bytes: number): void {
    if (bytes > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(bytes, this.#bytes.length * 2));
    if (this.#size < this.#ends.length) return;
    this.#ends = doubled(this.#ends);
    this.#lines = doubled(this.#lines);
    this.#roles = doubled(this.#roles);
    const authTypes = new Uint8Array(this.#authTypes.length * 2);
    authTypes.set(this.#authTypes);
    this.#authTypes = authTypes;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4);
    for (let index = 0; index < this.#size; index += 1) {
      this.#slots[this.#slotOf(this.#bytes.subarray(this.#startOf(index), this.#ends[index]))] = index + 1;
    }
  }

  /** The slot that holds this address, or the free one where it belongs. */
  #slotOf(address: Buffer): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(address) & mask;
    for (let number = this.#slots[slot]; number !== 0 && number !== undefined; number = this.#slots[slot]) {
      if (this.#isAt(number - 1, address)) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isAt(index: number, address: Buffer): boolean {
    const start = this.#startOf(index);
    if ((this.#ends[index] ?? 0) - start !== address.length) return false;
    return address.every((byte, at) => small(byte) === small(this.#bytes[start + at] ?? 0));
  }
}

function doubled(numbers: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
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
