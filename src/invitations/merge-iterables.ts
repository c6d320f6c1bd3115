/** What several sources bring, as it comes, all of them asked at once. The first to fail ends it. */
export async function* mergeIterables<T>(sources: readonly AsyncIterable<T>[]): AsyncGenerator<T, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const due = new Map(iterators.map((iterator) => [iterator, step(iterator)]));
  try {
    while (due.size > 0) {
      const { iterator, result, failure } = await Promise.race(due.values());
      if (failure !== undefined) throw failure.error;
      if (result === undefined || result.done === true) {
        due.delete(iterator);
        continue;
      }
      due.set(iterator, step(iterator));
      yield result.value;
    }
  } finally {
    // Not waited for: what is under way ends when the connection is closed, and nobody wants what it brings.
    for (const iterator of iterators) iterator.return?.().catch(() => {});
  }
}

interface Step<T> {
  readonly iterator: AsyncIterator<T>;
  readonly result?: IteratorResult<T>;
  readonly failure?: { readonly error: unknown };
}

/** Never rejects: it may fail while nobody listens. */
async function step<T>(iterator: AsyncIterator<T>): Promise<Step<T>> {
  try {
    return { iterator, result: await iterator.next() };
  } catch (error) {
    return { iterator, failure: { error } };
  }
}
