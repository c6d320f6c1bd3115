// How many requests a plan takes: 760 at most for 10,000 people with 50,000 bindings. The benchmarks measure its memory and time.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCli, temporaryFolder } from '../support/run-cli.ts';
import { fileText, organization, root } from './api.ts';

type Lists = Readonly<Record<string, { readonly size: number; readonly row: (number: number) => object }>>;

/** What the API has, with just the fields that a plan needs. */
const listsOf = (people: number): Lists => ({
  '/org/v2/organizations': { size: 1, row: () => ({ id: organization }) },
  '/iam/v2/users': { size: people, row: (n) => ({ id: `u-${n}`, email: `p${n}@example.com` }) },
  '/iam/v2/invitations': {
    size: 1.5 * people,
    row: (n) => ({
      ...{ id: `i-${n}`, email: `p${n}@example.com`, user: { id: `u-${n}` } },
      status: n < people ? 'INVITE_STATUS_ACCEPTED' : 'INVITE_STATUS_EXPIRED',
    }),
  },
  '/iam/v2/role-bindings': {
    size: 5 * people,
    row: (n) => ({
      ...{ id: `rb-${n}`, principal: `User:u-${n % people}`, role_name: `Role${Math.floor(n / people)}` },
      crn_pattern: `${root}/environment=env-${n % 100}`,
    }),
  },
});

/** Serves these lists, in pages of at most so many bindings, and writes down what is asked for. */
async function serve(lists: Lists, mostBindings: number) {
  const requests: string[] = [];
  const server = createServer(({ method, url = '' }, response) => {
    const { pathname, searchParams, origin } = new URL(url, `http://127.0.0.1:${port()}`);
    requests.push(`${method} ${pathname}`);
    const { size, row } = lists[pathname] ?? { size: 0, row: () => ({}) };
    const most = pathname.endsWith('role-bindings') ? mostBindings : 100;
    const length = Math.min(most, Number(searchParams.get('page_size') ?? 10));
    const start = Number(searchParams.get('page_token') ?? 0);
    // None is bound to the organization itself: they are all found by the pattern of what lies in it.
    const isEmpty = searchParams.get('crn_pattern') === root;
    const end = isEmpty ? 0 : Math.min(size, start + length);
    searchParams.set('page_token', String(end));
    const next = end < size && !isEmpty ? { next: `${origin}${pathname}?${searchParams}` } : {};
    const data = Array.from({ length: Math.max(0, end - start) }, (_, number) => row(start + number));
    response.end(
      pathname.includes('/api-keys/') ? '{"spec":{"owner":{"id":"u-0"}}}' : JSON.stringify({ data, metadata: next }),
    );
  });
  const port = () => Object(server.address()).port as number;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, endpoint: `http://127.0.0.1:${port()}` };
}

test.each([
  [2000, 100, 100],
  [1000, 1000, 5],
])('%i people, half as many invitations more, five bindings each, %i a page', async (people, mostBindings, pages) => {
  const { requests, endpoint } = await serve(listsOf(people), mostBindings);
  const folder = temporaryFolder();
  const file = join(folder, 'people.yaml');
  writeFileSync(file, fileText('none', '  - p0@example.com'));
  const env = {
    ...{ CONFLUENT_CLOUD_API_KEY: 'ABCDEFGHIJKLMNOP', CONFLUENT_CLOUD_API_SECRET: 'cfltSECRET' },
    CONFLUENT_CLOUD_ENDPOINT: endpoint,
  };
  const { code, stderr } = await runCli(`plan ${file} --expect-no-changes`, { folder, env });
  expect([code, stderr.split('\n')[0]]).toEqual([0, `no changes to ${people} members`]);
  const counts = new Map<string, number>();
  for (const request of requests) counts.set(request, (counts.get(request) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({
    'GET /org/v2/organizations': 1,
    'GET /iam/v2/api-keys/ABCDEFGHIJKLMNOP': 1,
    'GET /iam/v2/invitations': (1.5 * people) / 100,
    'GET /iam/v2/users': people / 100,
    'GET /iam/v2/role-bindings': pages + 1,
  });
});
