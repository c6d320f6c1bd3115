/**
 * Carries out an act for each item, at most so many at once, and yields what comes of it in the order of finishing,
 * each with the number of its item.
 * Items are taken only as fast as they are worked off. An act must not reject: a failure is a result here.
 */
export async function* pool<T, R>(items: AsyncIterable<T> | Iterable<T>, act: (item: T) => Promise<R>, size: number) {
  const source = iteratorOf(items);
  const running = new Map<number, Promise<readonly [number, R]>>();
  let started = 0;
  let more = true;
  while (true) {
    while (more && running.size < size) {
      const next = await source.next();
      if (next.done === true) more = false;
      else {
        const number = started++;
        running.set(
          number,
          act(next.value).then((result) => [number, result]),
        );
      }
    }
    if (running.size === 0) return;
    const finished = await Promise.race(running.values());
    running.delete(finished[0]);
    yield finished;
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
export async function* asFinished<R>(finished: AsyncIterable<readonly [number, R]>): AsyncIterable<R> {
  for await (const [, result] of finished) yield result;
}
