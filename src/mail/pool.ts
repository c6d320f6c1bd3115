/** Results handed out before timers and signals get a turn: where no act waits for anything, nothing else gives them one. */
const handedInARow = 250;

type Taken<T> = { readonly next: IteratorResult<T> } | { readonly failure: unknown };
type Done<R> = { readonly number: number; readonly result: R } | { readonly failure: unknown };

/**
 * Carries out an act for each item, at most `size` at once, and yields the results in the order of finishing, each with
 * the number of its item. `p-map` yields in the order of the items, and `p-limit` takes all items at once.
 */
export async function* pool<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  act: (item: T) => Promise<R>,
  size: number,
): AsyncGenerator<readonly [number, R]> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const running = new Map<number, Promise<Done<R>>>();
  let taking: Promise<Taken<T>> | undefined;
  let [started, handed, more] = [0, 0, true];
  while (more || running.size > 0) {
    if (more && running.size < size) taking ??= take(source);
    const first = await Promise.race([...running.values(), ...(taking === undefined ? [] : [taking])]);
    if ('failure' in first) throw first.failure;
    if ('next' in first) {
      taking = undefined;
      if (first.next.done === true) more = false;
      else running.set(started, settle(started, act(first.next.value)));
      started += 1;
      continue;
    }
    running.delete(first.number);
    yield [first.number, first.result];
    handed += 1;
    if (handed % handedInARow === 0) await new Promise(setImmediate);
  }
}

/** Never rejects: a failure while nothing is awaited would end the process. */
async function take<T>(source: AsyncIterator<T> | Iterator<T>): Promise<Taken<T>> {
  try {
    return { next: await source.next() };
  } catch (failure) {
    return { failure };
  }
}

async function settle<R>(number: number, act: Promise<R>): Promise<Done<R>> {
  try {
    return { number, result: await act };
  } catch (failure) {
    return { failure };
  }
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
