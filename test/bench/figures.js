export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A B A B …: the median of the ratios pair by pair, so that whatever else the machine does hits both alike. */
export async function pairedRatio(runs, subject, reference) {
  const ratios = [];
  for (let run = 0; run < runs; run += 1) {
    const below = await reference();
    ratios.push((await subject()) / below);
  }
  return median(ratios);
}

export async function medianOf(runs, measure) {
  const values = [];
  for (let run = 0; run < runs; run += 1) values.push(await measure());
  return median(values);
}
