// Every row of the budget: what is measured, against what, and what is to hold.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { medianOf, pairedRatio } from './figures.js';
import { pathsOfPlan, peopleFile } from './organizations.js';
import { folder, inviteWith, peakOf, programAt, pythonAt, timed, withApi } from './processes.js';

const references = join(import.meta.dirname, 'references');

/** The rows, for a Node that runs invite; small ones if only their running is of interest. */
export function rowsFor({ node, program, isSmoke }) {
  const runs = (count) => (isSmoke ? 1 : count);
  const size = (rows) => (isSmoke ? Math.ceil(rows / 100) : rows);
  const invite = inviteWith(node, program);
  const ratio = (count, subject, reference) =>
    pairedRatio(
      runs(count),
      () => timed(subject),
      () => timed(reference),
    );

  const bareNode = { words: [node, '-e', '0'] };
  const starts = [
    ['`--version` / `node -e 0`', 1.1, () => ratio(40, invite(['--version']), bareNode)],
    ['`--help` / `node -e 0`', 1.6, () => ratio(40, invite(['--help']), bareNode)],
    ['list of 10 / `node -e 0`', 3, () => withApi({ rows: 10 }, (api) => ratio(30, invite(['list'], api), bareNode))],
  ];

  const python = (api) => ({ words: [pythonAt(), join(references, 'list-python.py'), api.endpoint] });
  const curl = (api) => ({ words: [join(references, 'list-curl.sh'), api.endpoint] });
  const listRatio = (rows, format, reference, count) => () =>
    withApi({ rows: size(rows) }, (api) => ratio(count, invite(['list', '-o', format], api), reference(api)));
  const lists = [
    ['list of 1,000 / curl + jq loop', 0.25, listRatio(1_000, 'ndjson', curl, 9), ['curl', 'jq']],
    ['list of 10,000 / curl + jq loop', 0.08, listRatio(10_000, 'ndjson', curl, 3), ['curl', 'jq']],
    ...['table', 'ndjson', 'json'].map((format) => [
      `list of 5,000, piped ${format} / python \`http.client\``,
      1.5,
      listRatio(5_000, format, python, 9),
      ['python3'],
    ]),
    [
      'list of 100,000, piped ndjson, peak MiB',
      200,
      () => withApi({ rows: size(100_000) }, (api) => peakOf(invite(['list', '-o', 'ndjson'], api))),
    ],
  ];

  /** How many round trips longer a list takes with the token of an identity pool, exchanged anew, than with a key. */
  async function roundTripsOfExchange() {
    const latency = 100;
    const CONFLUENT_CLOUD_OIDC_TOKEN_FILE = join(folder(), 'token');
    writeFileSync(CONFLUENT_CLOUD_OIDC_TOKEN_FILE, 'bench-token');
    const noKey = { CONFLUENT_CLOUD_API_KEY: '', CONFLUENT_CLOUD_API_SECRET: '' };
    const pool = { ...noKey, CONFLUENT_CLOUD_IDENTITY_POOL_ID: 'pool-bench', CONFLUENT_CLOUD_OIDC_TOKEN_FILE };
    return withApi({ rows: 10, latency }, (api) =>
      medianOf(runs(9), async () => {
        const withPool = await timed(invite(['list'], api, pool));
        return (withPool - (await timed(invite(['list'], api)))) / latency;
      }),
    );
  }
  lists.push([
    'list of 10 at 100 ms with a token that is exchanged, round trips more than with a key',
    1.5,
    roundTripsOfExchange,
  ]);

  const shape = (people, bindings, invitations = people) => ({
    people: size(people),
    bindings: size(bindings),
    invitations: size(invitations),
  });
  const bareClient = (api, paths) => ({ words: [node, join(references, 'list-node.js'), api.endpoint, ...paths] });
  function planOf(membership, api) {
    const file = join(folder(), 'people.yaml');
    writeFileSync(file, peopleFile(membership));
    return invite(['plan', file, '--allow-unicode'], api);
  }
  const [small, large] = [shape(1_000, 2_000, 1_200), shape(10_000, 50_000)];
  const slow = { membership: small, latency: 100 };
  const memberships = [
    [
      'people of 1,000, 1,200 invitations, 2,000 bindings at 100 ms / the longest of the lists by a bare `node:http` client',
      1.2,
      () => withApi(slow, (api) => ratio(5, invite(['people'], api), bareClient(api, pathsOfPlan.slice(0, 1)))),
    ],
    [
      'plan of 1,000 people at 100 ms / the same lists by a bare `node:http` client',
      1.5,
      () => withApi(slow, (api) => ratio(5, planOf(small, api), bareClient(api, pathsOfPlan))),
    ],
    [
      'plan of 10,000 people, 50,000 bindings / the same lists by a bare `node:http` client',
      undefined,
      () => withApi({ membership: large }, (api) => ratio(3, planOf(large, api), bareClient(api, pathsOfPlan))),
    ],
    [
      'plan of 10,000 people, 50,000 bindings, peak MiB',
      320,
      () => withApi({ membership: large }, (api) => peakOf(planOf(large, api))),
    ],
  ];

  function importOf(count, api) {
    const file = join(folder(), 'people.csv');
    const addresses = Array.from({ length: count }, (_, number) => `new.${number}@example.com\n`);
    writeFileSync(file, `email\n${addresses.join('')}`);
    return invite(['import', file, '--yes', '--concurrency', '20', '-o', 'ndjson'], api);
  }
  const paced = { latency: 50, rate: 50, burst: 50 };
  /** How long it took measured by the shortest time that the limit leaves, and the share of requests that were refused. */
  const pacedImport = once(() =>
    withApi(paced, async (api) => {
      const count = size(1_000);
      const ms = await timed(importOf(count, api));
      const { refused, created } = await api.tally();
      if (created !== count) throw new Error(`${created} of ${count} were created`);
      const least = paced.latency + (Math.max(0, count - paced.burst) / paced.rate) * 1000;
      return { time: ms / least, refused: refused / count };
    }),
  );
  const imports = [
    ['import of 1,000 at 50 a second / least time', 1.1, async () => (await pacedImport()).time],
    ['import of 1,000 at 50 a second: share of 429s', 0.01, async () => (await pacedImport()).refused],
    ['import of 100,000, peak MiB', 300, () => withApi({}, (api) => peakOf(importOf(size(100_000), api)))],
  ];

  return [...starts, ...lists, ...memberships, ...imports].map(([what, hold, measure, needs = []]) => ({
    what,
    hold,
    measure,
    missing: needs.find((name) => programAt(name) === undefined),
  }));
}

function once(make) {
  let value;
  return () => {
    value ??= make();
    return value;
  };
}
