/** A row in its place. The place never changes, so that a page_token that names one stays good while rows come and go. */
export interface Slot<T> {
  readonly position: number;
  row: T;
  /** The row as JSON for callers of one origin, kept because rows are read far more often than they change. */
  written?: { readonly base: string; readonly text: string } | undefined;
}

/** Rows by id, in the order in which they first appeared. */
export class Collection<T extends { readonly id: string }> {
  readonly #slots: (Slot<T> | undefined)[] = [];
  readonly #byId = new Map<string, Slot<T>>();

  /** How many rows there ever were; the next new one gets this position. */
  get issued(): number {
    return this.#slots.length;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id)?.row;
  }

  slot(id: string): Slot<T> | undefined {
    return this.#byId.get(id);
  }

  put(row: T): void {
    const known = this.#byId.get(row.id);
    if (known === undefined) {
      this.#add(row);
      return;
    }
    known.row = row;
    known.written = undefined;
  }

  remove(id: string): void {
    const slot = this.#byId.get(id);
    if (slot === undefined) return;
    this.#byId.delete(id);
    this.#slots[slot.position] = undefined;
  }

  *rows(): Iterable<T> {
    for (const slot of this.#byId.values()) yield slot.row;
  }

  /** The slots beyond a position, from the oldest on. */
  *after(position: number): Iterable<Slot<T>> {
    for (let at = position + 1; at < this.#slots.length; at++) {
      const slot = this.#slots[at];
      if (slot !== undefined) yield slot;
    }
  }

  /** The slots before a position, from the newest on. */
  *before(position: number): Iterable<Slot<T>> {
    for (let at = Math.min(position, this.#slots.length) - 1; at >= 0; at--) {
      const slot = this.#slots[at];
      if (slot !== undefined) yield slot;
    }
  }

  #add(row: T): void {
    const slot = { position: this.#slots.length, row };
    this.#slots.push(slot);
    this.#byId.set(row.id, slot);
  }
}
