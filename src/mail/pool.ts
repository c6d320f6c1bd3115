/** Results handed out before timers and signals get a turn: where no act waits for anything, nothing else gives them one. */
const handedInARow = 250;

/** Carries out what is to be done with one item. What it calls `free` for, the next item need not wait for. */
type Task<T, R> = (item: T, free: () => void) => Promise<R>;

/**
 * Carries out an act for each item, at most `size` at once, and yields the results in the order of finishing,
 * each with the number of its item.
 * Items are taken only as fast as they are worked off. A failure is a result here: an act that rejects ends it all.
 */
export async function* pool<T, R>(items: AsyncIterable<T> | Iterable<T>, act: Task<T, R>, size: number) {
  const source = iteratorOf(items);
  const finished: (readonly [number, () => R])[] = [];
  let busy = 0;
  let unfinished = 0;
  let handed = 0;
  const bell = { resolve: () => {} };
  const begin = (number: number, item: T) => {
    let isFree = false;
    const free = () => {
      if (isFree) return;
      isFree = true;
      busy -= 1;
      bell.resolve();
    };
    busy += 1;
    unfinished += 1;
    const end = (result: () => R) => {
      finished.push([number, result]);
      unfinished -= 1;
      free();
      bell.resolve();
    };
    act(item, free).then(
      (result) => end(() => result),
      (error) =>
        end(() => {
          throw error;
        }),
    );
  };
  let more = true;
  for (let started = 0; more || unfinished + finished.length > 0; ) {
    const first = finished.shift();
    if (first !== undefined) {
      const [number, result] = first;
      yield [number, result()] as const;
      handed += 1;
      if (handed % handedInARow === 0) await new Promise(setImmediate);
      continue;
    }
    // What is finished goes first, and those that are free but unfinished count as well, so that neither grows without end.
    while (more && finished.length === 0 && busy < size && unfinished < 2 * size) {
      const next = await source.next();
      if (next.done === true) more = false;
      else begin(started++, next.value);
    }
    if (unfinished > 0 && finished.length === 0) await new Promise<void>((resolve) => Object.assign(bell, { resolve }));
  }
}

function iteratorOf<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** The same results in the order of the items: an early one waits for those before it. */
export async function* inOrder<R>(finished: AsyncIterable<readonly [number, R]>): AsyncIterable<R> {
  const early = new Map<number, R>();
  let due = 0;
  for await (const [number, result] of finished) {
    early.set(number, result);
    for (let next = early.get(due); next !== undefined; next = early.get(due)) {
      early.delete(due);
      due += 1;
      yield next;
    }
  }
}

/** The results alone. */
export async function* inCompletionOrder<R>(finished: AsyncIterable<readonly [number, R]>): AsyncIterable<R> {
  for await (const [, result] of finished) yield result;
}
