type Headers = ReadonlyMap<string, string>;

/** RFC 9110's preferred form; what else `Date.parse` would take (`-5` is a year to it) is refused. */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Milliseconds that the server asks to wait; undefined if it does not say, or says nonsense.
 * @param now Milliseconds since 1970 on our clock; a date is measured by the server's own where it tells that.
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const asked = headers.get('retry-after')?.trim() ?? '';
  const wait = seconds(asked) ?? until(asked, headers, now) ?? untilReset(headers);
  return wait === undefined || wait <= 0 ? undefined : wait;
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * 1000 : undefined;
}

function until(text: string, headers: Headers, now: number): number | undefined {
  const then = timeOf(text);
  return then === undefined ? undefined : then - (timeOf(headers.get('date')) ?? now);
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || !httpDate.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Relative seconds by Confluent's specification, not a time. */
function untilReset(headers: Headers): number | undefined {
  const remaining = headers.get('x-ratelimit-remaining')?.trim() ?? '0';
  return remaining === '0' ? seconds(headers.get('x-ratelimit-reset')?.trim()) : undefined;
}
