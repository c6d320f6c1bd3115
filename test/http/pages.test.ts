import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/errors.ts';
import { followPages, nextPage, type Paging } from '../../src/http/api.ts';
import { type Query, queryString } from '../../src/http/send.ts';

/** The token of the next page; null if there is a `next` without one. */
function tokenOf(page: unknown): string | null | undefined {
  try {
    return nextPage(page)?.token;
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad_response' });
    return null;
  }
}

/** Follows the pages to their end. `pageAt` is given the number of the request, from 1; what it throws is the answer. */
async function read(pageAt: (count: number, query: Query) => unknown, paging: Paging = {}) {
  const queries: Query[] = [];
  const rows: unknown[] = [];
  const getPage = async (query: Query) => {
    queries.push(query);
    return pageAt(queries.length, query);
  };
  let error: unknown;
  try {
    for await (const batch of followPages(getPage, paging)) rows.push(...batch);
  } catch (caught) {
    error = caught;
  }
  return { rows, queries, error };
}

const row = (id: number) => ({ id: `i-${id}` });
const next = (token: string) => ({
  metadata: { next: `https://api.example/x?page_token=${encodeURIComponent(token)}` },
});
const badResponse = (reason: string, message = 'incomplete list') =>
  expect.objectContaining({ code: 'bad_response', message, details: expect.objectContaining({ reason }) });

test('page size and filters go with every page, as far as its next does not carry them', async () => {
  const pages = [
    { data: [row(1)], ...next('a') },
    { data: [row(2)], metadata: { next: '/x?status=SENT&page_token=b&x=%2B+&y=1&y=2&empty=#end' } },
    { data: [row(3)], metadata: { next: 'https://evil.example/other?page_size=7&page_token=c' } },
    { data: [row(4)] },
  ];
  const { rows, queries } = await read((count) => pages[count - 1], { query: { status: 'INVITE_STATUS_SENT' } });
  expect(rows).toEqual([1, 2, 3, 4].map(row));
  expect(queries.map(queryString)).toEqual([
    '?status=INVITE_STATUS_SENT&page_size=100',
    '?status=INVITE_STATUS_SENT&page_size=100&page_token=a',
    '?status=SENT&page_size=100&page_token=b&x=%2B+&y=1&y=2&empty=',
    '?status=INVITE_STATUS_SENT&page_size=7&page_token=c',
  ]);
});

describe('a larger page', () => {
  const refusal = (isRefused: boolean, http_status: number, reason = '') =>
    isRefused ? new CliError('usage', 'cannot list', { http_status, reason }) : undefined;
  const tooLarge = 'HTTP 400: page_size must be at most 50';

  test.each<[string, (size: unknown) => CliError | undefined, unknown[], boolean]>([
    ['is asked for first, and what comes is taken', () => undefined, ['1000'], true],
    ['is not asked for again where it is refused', (size) => refusal(size === '1000', 422), ['1000', '100'], true],
    ['nor is 100 where that is too large', (size) => refusal(!!size, 400, tooLarge), ['1000', '100', undefined], true],
    ['is not given up for any other refusal', () => refusal(true, 403), ['1000'], false],
  ])('%s', async (_name, refuse, sizes, isRead) => {
    const page = (_: number, { page_size }: Query) => {
      const error = refuse(page_size);
      if (error !== undefined) throw error;
      return { data: [row(1)] };
    };
    const { rows, queries } = await read(page, { pageSize: 1000 });
    expect([queries.map(({ page_size }) => page_size), rows.length === 1]).toEqual([sizes, isRead]);
  });
});

describe('the token in next', () => {
  test.each([
    ['https://api.confluent.cloud/iam/v2/invitations?page_token=abc', 'abc'],
    ['https://user:pw@evil.example/?page_token=abc', 'abc'],
    ['/iam/v2/invitations?page_size=10&page_token=abc#top', 'abc'],
    ['?page_token=%2B%2F%3D%26%23%25', '+/=&#%'],
    ['', undefined],
    [null, undefined],
    [5, null],
    [{}, null],
    ['abc', null],
    ['https://api.example/x?page_token=', null],
    ['https://api.example/x#?page_token=abc', null],
    ['page_token=t1', null],
  ])('%j leads to %j', (value, token) => {
    expect(tokenOf({ metadata: { next: value } })).toBe(token);
  });

  test('is absent without metadata, and broken by metadata of another kind', () => {
    expect([{}, { metadata: {} }, { metadata: null }, null, []].map(tokenOf)).toEqual(Array(5).fill(undefined));
    expect(tokenOf({ metadata: 'x' })).toBe(null);
  });

  test('any next at all gives a token, an end or an error, and never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const token = tokenOf({ metadata: { next: value } });
        expect(token === undefined || token === null || token.length > 0).toBe(true);
      }),
    );
  });
});

describe('where a list ends', () => {
  test('null beside metadata is an empty page, be it the only one or the last', async () => {
    const end = { data: null, metadata: {} };
    expect(await read(() => end)).toMatchObject({ rows: [], queries: [{ page_size: '100' }], error: undefined });
    const twoPages = await read((count) => (count === 1 ? { data: [row(1)], ...next('a') } : end));
    expect(twoPages.rows).toEqual([row(1)]);
  });

  test('next alone decides: empty, missing and null pages in the middle do not end it', async () => {
    const pages = [
      { data: [row(1)], ...next('a') },
      { data: [], ...next('b') },
      { data: null, ...next('c') },
      { ...next('d') },
      { data: [row(2)], metadata: { next: '', total_size: 0 } },
    ];
    const { rows, error } = await read((count) => pages[count - 1]);
    expect({ rows, error }).toEqual({ rows: [row(1), row(2)], error: undefined });
  });

  test.each([
    ['no data', {}, 'the answer has no "data" array'],
    ['null', { data: null }, 'the answer has no "data" array'],
    ['null beside metadata that is null', { data: null, metadata: null }, 'the answer has no "data" array'],
    ['nothing beside metadata', { metadata: {} }, 'the answer has no "data" array'],
    ['an object, with a next', { data: {}, ...next('a') }, 'the answer has no "data" array'],
    ['a bare array', [row(1)], 'the answer is not an object'],
    ['a null row', { data: [row(1), null] }, 'a row of "data" is not an object'],
    ['an array for a row', { data: [[]] }, 'a row of "data" is not an object'],
  ])('%s is no empty list', async (_name, page, reason) => {
    const { rows, error } = await read(() => page);
    expect(rows).toEqual([]);
    expect(error).toEqual(badResponse(reason, 'cannot read the list'));
  });

  test('a next that leads nowhere is an error', async () => {
    const { error } = await read(() => ({ data: [row(1)], metadata: { next: 5 } }));
    expect(error).toEqual(badResponse('"metadata.next" has no page token'));
  });
});

describe('a list that would not end', () => {
  test('the same token again', async () => {
    const { error, queries } = await read((count) => ({ data: [row(count)], ...next('a') }));
    expect(error).toEqual(badResponse('its page tokens repeat'));
    expect(queries).toHaveLength(2);
  });

  test('ids that differ in type, or in half of a character, are different rows', async () => {
    const rows = [{ id: '1' }, { id: 1 }, { id: '\ud83d' }, { id: '\ud83e' }, { id: '\ufffd' }];
    const page = (count: number) => (count === 1 ? { data: rows, ...next('a') } : { data: rows });
    expect((await read(page)).rows).toEqual(rows);
  });

  test('ten pages without a new row are borne, an eleventh is not', async () => {
    const page = (count: number) => ({ data: [row(1)], ...next(`t${count}`) });
    const { error, queries } = await read(page);
    expect(error).toEqual(badResponse('11 consecutive pages had nothing new'));
    expect(queries).toHaveLength(12);
    const borne = await read((count) => (count === 12 ? { data: [row(2)] } : page(count)));
    expect(borne).toMatchObject({ rows: [row(1), row(2)] });
  });

  /** One new row, and others without an id: they are counted as well, and a million ids would take seconds to make. */
  const manyRows = (id: number, count: number) => [row(id), ...anonymousRows.slice(0, count - 1)];

  test.each([1, 1000])('pages of %i rows: 1000 are followed, the next is not asked for', async (size) => {
    const { error, queries } = await read((count) => ({ data: manyRows(count, size), ...next(`t${count}`) }));
    expect([error, queries.length]).toEqual([badResponse('it does not end after 1000 pages'), 1000]);
  });

  test.each([1, 2])('page %i with more than ten times the rows asked for is refused', async (large) => {
    const { error } = await read((count) => ({
      data: manyRows(count, count === large ? 1001 : 1000),
      ...(count === 2 ? {} : next(`t${count}`)),
    }));
    expect(error).toMatchObject({ code: 'bad_response', details: { reason: expect.stringContaining('1001 rows') } });
  });

  test('1,000,000 rows are all there: 100 on the first page and 10 on each of the others', async () => {
    const pages = 1 + (1_000_000 - 100) / 10;
    const { rows, queries, error } = await read((count) => ({
      data: manyRows(count, count === 1 ? 100 : 10),
      ...(count === pages ? {} : next(`t${count}`)),
    }));
    expect([rows.length, queries.length, error]).toEqual([1_000_000, pages, undefined]);
  });
});

const anonymousRows = Array.from({ length: 1000 }, () => ({}));

test('a row is given once, by its id; rows without one are all kept', async () => {
  const pages = [
    { data: [row(1), row(2), row(2), { email: 'a' }], ...next('a') },
    { data: [row(2), row(3), { email: 'a' }, { id: null }, { id: 7 }, { id: 7 }] },
  ];
  const { rows } = await read((count) => pages[count - 1]);
  expect(rows).toEqual([row(1), row(2), { email: 'a' }, row(3), { email: 'a' }, { id: null }, { id: 7 }]);
});

describe.each([true, false])('read ahead: %s', (prefetch) => {
  const pages = [{ data: [row(1)], ...next('a') }, { data: [row(1)], ...next('b') }, { data: [row(2)] }];

  test('nothing is sent before the first row is asked for, and then the next page if nobody may stop', async () => {
    let sent = 0;
    const rows = followPages(async () => pages[sent++], { prefetch });
    expect(sent).toBe(0);
    expect((await rows.next()).value).toEqual([row(1)]);
    expect(sent).toBe(prefetch ? 2 : 1);
  });

  test('it brings the same, and what fails is said when its turn comes', async () => {
    expect((await read((count) => pages[count - 1], { prefetch })).rows).toEqual([row(1), row(2)]);
    const failure = new Error('page 2');
    const failing = await read((count) => (count === 2 ? Promise.reject(failure) : pages[count - 1]), { prefetch });
    expect([failing.rows, failing.error]).toEqual([[row(1)], failure]);
  });

  test('nobody minds a page that fails after the list was left', async () => {
    let sent = 0;
    const rows = followPages(() => (++sent === 1 ? Promise.resolve(pages[0]) : Promise.reject(new Error('late'))), {
      prefetch,
    });
    for await (const _ of rows) break;
    await new Promise(setImmediate);
    expect(sent).toBe(prefetch ? 2 : 1);
  });
});
