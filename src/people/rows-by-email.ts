import { EmailIndex } from '../api/by-email.ts';
import type { AuthType } from '../api/invitation.ts';
import type { Role } from '../api/roles.ts';
import { GrowableUint32Array } from '../text/string-index.ts';
import type { Row } from './row.ts';

const authTypeCodes: readonly (AuthType | undefined)[] = [undefined, 'sso', 'local'];

/** The rows of a file by e-mail, one a person. Stored as numbers, to take little memory. */
export class RowsByEmail {
  readonly #addresses = new EmailIndex();
  readonly #lines = new GrowableUint32Array();
  readonly #roles = new GrowableUint32Array();
  readonly #authTypes = new GrowableUint32Array();
  readonly #roleLists: (readonly Role[])[] = [[]];
  readonly #roleNumbers = new Map<readonly Role[], number>();

  get size(): number {
    return this.#addresses.size;
  }

  has(email: string): boolean {
    return this.#addresses.numberOf(email) !== undefined;
  }

  /** The row of this person, if any. */
  get(email: string): Row | undefined {
    const number = this.#addresses.numberOf(email);
    return number === undefined ? undefined : this.#row(number);
  }

  /** Adds the row of a person, or replaces it. */
  set(row: Row): void {
    const number = this.#addresses.add(row.email);
    this.#lines.set(number, row.line);
    this.#roles.set(number, this.#numberOf(row.roles));
    this.#authTypes.set(number, authTypeCodes.indexOf(row.authType));
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let number = 0; number < this.size; number += 1) yield this.#row(number);
  }

  #row(number: number): Row {
    return {
      line: this.#lines.at(number),
      email: this.#addresses.at(number),
      authType: authTypeCodes[this.#authTypes.at(number)],
      roles: this.#roleLists[this.#roles.at(number)] ?? [],
    };
  }

  #numberOf(roles: readonly Role[]): number {
    if (roles.length === 0) return 0;
    const number = this.#roleNumbers.get(roles) ?? this.#roleLists.push(roles) - 1;
    this.#roleNumbers.set(roles, number);
    return number;
  }
}
