// What a list costs by its size: the time for a row, and the memory, are to stay as they are.
import { medianOf } from './figures.js';
import { inviteWith, peakOf, timed, withApi } from './processes.js';

export async function* sizesFor({ node, program, isSmoke }) {
  const invite = inviteWith(node, program);
  const sizes = [{ rows: 10 }, { rows: 1_000 }, { rows: 100_000 }, { rows: 1_000_000 }];
  let start;
  for (const { rows } of sizes) {
    const count = isSmoke ? Math.ceil(rows / 100) : rows;
    const [ms, peak] = await withApi({ rows: count }, async (api) => {
      const command = invite(['list', '-o', 'ndjson'], api);
      return [await medianOf(isSmoke || rows > 100_000 ? 1 : 3, () => timed(command)), await peakOf(command)];
    });
    yield {
      what: `${count.toLocaleString('en')}`,
      perRow: start === undefined ? undefined : ((ms - start) / count) * 1000,
      ms,
      peak,
    };
    start ??= ms;
  }
}
