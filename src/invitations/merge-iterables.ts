/** The items of several sources, read concurrently, in the order in which they arrive. The first failure ends it. */
export async function* mergeIterables<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const pending = new Map(iterators.map((iterator) => [iterator, next(iterator)]));
  try {
    while (pending.size > 0) {
      const { iterator, result, failure } = await Promise.race(pending.values());
      if (failure !== undefined) throw failure.error;
      if (result === undefined || result.done === true) {
        pending.delete(iterator);
        continue;
      }
      pending.set(iterator, next(iterator));
      yield result.value;
    }
  } finally {
    // Not awaited: a request that is in progress ends when the connection is closed.
    for (const iterator of iterators) iterator.return?.().catch(() => {});
  }
}

interface Step<T> {
  readonly iterator: AsyncIterator<T>;
  readonly result?: IteratorResult<T>;
  readonly failure?: { readonly error: unknown };
}

/** Never rejects: a failure while nothing is awaited would be an unhandled rejection. */
async function next<T>(iterator: AsyncIterator<T>): Promise<Step<T>> {
  try {
    return { iterator, result: await iterator.next() };
  } catch (error) {
    return { iterator, failure: { error } };
  }
}
