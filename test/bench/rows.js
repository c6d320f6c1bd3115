// Every row of the budget: what is measured, against what, and what is to hold.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { medianOf, pairedRatio } from './figures.js';
import { fileOf, organization, pathsOfPlan } from './membership.js';
import { credentials, folder, inviteWith, peakOf, programAt, pythonAt, timed, withApi } from './processes.js';

const here = import.meta.dirname;
const references = join(here, 'references');

/** The rows, for a Node that runs invite; small ones if only their running is of interest. */
export function rowsFor({ node, program, isSmoke }) {
  const runs = (count) => (isSmoke ? 1 : count);
  const size = (rows) => (isSmoke ? Math.ceil(rows / 100) : rows);
  const bareNode = { words: [node, '-e', '0'] };
  const invite = inviteWith(node, program);
  const ratio = (count, subject, reference) =>
    pairedRatio(
      runs(count),
      () => timed(subject),
      () => timed(reference),
    );
  const listRatio =
    (rows, words, reference, count, how = {}) =>
    () =>
      withApi({ rows: size(rows), ...how }, (api) => ratio(count, invite(['list', ...words], api), reference(api)));
  const python = (api) => ({ words: [pythonAt(), join(references, 'list-python.py'), api.endpoint] });
  const bareClient = (api) => ({ words: [node, join(references, 'list-node.js'), api.endpoint] });
  const curl = (api) => ({ words: [join(references, 'list-curl.sh'), api.endpoint] });

  const starts = [
    ['`--version` / `node -e 0`', 1.2, () => ratio(40, invite(['--version']), bareNode)],
    ['`--help` / `node -e 0`', 1.5, () => ratio(40, invite(['--help']), bareNode)],
    [
      '`--version` / `gh --version`',
      0.7,
      () => ratio(20, invite(['--version']), { words: ['gh', '--version'] }),
      ['gh'],
    ],
    ['`--help` / `gh --help`', 0.85, () => ratio(20, invite(['--help']), { words: ['gh', '--help'] }), ['gh']],
    ['list of 10 / `node -e 0`', 2.2, () => withApi({ rows: 10 }, (api) => ratio(30, invite(['list'], api), bareNode))],
    [
      'list of 10, peak MiB',
      60,
      () => withApi({ rows: 10 }, (api) => medianOf(runs(5), () => peakOf(invite(['list'], api)))),
    ],
    [
      'list of 10 / a bare `node:http` client',
      undefined,
      () => withApi({ rows: 10 }, (api) => ratio(30, invite(['list'], api), bareClient(api))),
    ],
    [
      'list of 10, stored profile / `node -e 0`',
      3.2,
      () => withApi({ rows: 10 }, (api) => ratio(30, withProfile(invite(['list']), api), bareNode)),
    ],
    [
      'list of 10, https / `node -e 0`',
      4.6,
      () => overTls((api, env) => ratio(30, invite(['list'], api, env), bareNode)),
      ['openssl'],
    ],
  ];

  const lists = [
    ['list of 1,000 / curl + jq loop', 0.2, listRatio(1_000, ndjson, curl, 9), ['curl', 'jq']],
    ['list of 10,000 / curl + jq loop', 0.05, listRatio(10_000, ndjson, curl, 3), ['curl', 'jq']],
    ...[
      ['table', 0.9],
      ['ndjson', 1.1],
      ['json', 1.25],
      ['csv', undefined],
    ].flatMap(([format, hold]) => [
      [
        `list of 100,000, piped ${format} / python \`http.client\``,
        hold,
        listRatio(100_000, ['-o', format], python, 5),
        ['python3'],
      ],
      [
        `list of 100,000, piped ${format}, peak MiB`,
        110,
        () =>
          withApi({ rows: size(100_000) }, (api) =>
            medianOf(runs(3), () => peakOf(invite(['list', '-o', format], api))),
          ),
      ],
    ]),
    ['list of 100,000, ndjson / a bare `node:http` client', undefined, listRatio(100_000, ndjson, bareClient, 5)],
    [
      'list of 100,000, ndjson, all ASCII / python `http.client`',
      1.1,
      listRatio(100_000, ndjson, python, 5, { ascii: true }),
      ['python3'],
    ],
    ['list of 10,000 at 20 ms / pages × latency', 1.15, () => slowList((api) => invite(['list', '-o', 'ndjson'], api))],
    ['the same pages by a bare `node:http` client / pages × latency', undefined, () => slowList(bareClient)],
    [
      'list of 10,000 at 20 ms, `--unordered` / pages × latency',
      undefined,
      () => slowList((api) => invite(['list', '-o', 'ndjson', '--unordered'], api)),
    ],
  ];

  async function slowList(command) {
    const latency = 20;
    const rows = size(10_000);
    return withApi({ rows, latency }, async (api) => {
      const ms = await medianOf(runs(5), () => timed(command(api)));
      return ms / (Math.ceil(rows / 100) * latency);
    });
  }

  function importOf(count, api) {
    const file = join(folder(), 'people.csv');
    writeFileSync(file, `email\n${addresses('new', count)}`);
    return invite(['import', file, '--yes', '--concurrency', '20', '-o', 'ndjson'], api);
  }

  /** Many creates, and how long they took measured by the shortest time that the limit, or the latency, leaves. */
  const bulk = (options, least) =>
    withApi(options, async (api) => {
      const count = size(1_000);
      const ms = await timed(importOf(count, api));
      const { refused, created } = await api.tally();
      if (created !== count) throw new Error(`${created} of ${count} were created`);
      return { time: ms / least(count), refused: refused / count };
    });
  const paced = { latency: 50, rate: 50, burst: 50 };
  const underLimit = (count) => 50 + (Math.max(0, count - paced.burst) / paced.rate) * 1000;
  const withHeaders = once(() => bulk({ ...paced, headers: true }, underLimit));
  const withoutHeaders = once(() => bulk({ ...paced, headers: false }, underLimit));
  const unlimited = { latency: 50 };
  const inTurns = (count) => (count * 50) / 20;

  const bulks = [
    ['import of 1,000, 50 ms, 50/s, told by headers / least time', 1.15, async () => (await withHeaders()).time],
    ['import of 1,000, 50 ms, 50/s, told by headers: share of 429s', 0.01, async () => (await withHeaders()).refused],
    ['import of 1,000, 50 ms, 50/s, not told / least time', 1.2, async () => (await withoutHeaders()).time],
    ['import of 1,000, 50 ms, 50/s, not told: share of 429s', 0.03, async () => (await withoutHeaders()).refused],
    [
      'import of 1,000, 50 ms, no limit, 20 at once / least time',
      1.2,
      () => medianOf(runs(5), async () => (await bulk(unlimited, inTurns)).time),
    ],
    [
      'the same by a bare `node:http` client / least time',
      undefined,
      () => medianOf(runs(5), () => withApi(unlimited, bareCreates)),
    ],
    [
      'import of 1,000, 50 ms, no limit, 10 at once / `xargs -P 10 curl`',
      undefined,
      () => againstCurl(),
      ['curl', 'xargs'],
    ],
    ...[1_000, 100_000].map((count) => [
      `import of ${count.toLocaleString('en')}, peak MiB`,
      undefined,
      () => withApi({}, (api) => peakOf(importOf(size(count), api))),
    ]),
  ];

  async function bareCreates({ endpoint }) {
    const count = size(1_000);
    const words = [node, join(references, 'create-node.js'), endpoint, '20'];
    return (await timed({ words, input: addresses('new', count) })) / inTurns(count);
  }

  async function againstCurl() {
    const input = (who) => addresses(who, size(1_000));
    let round = 0;
    return pairedRatio(
      runs(3),
      () =>
        withApi({ latency: 50 }, (api) =>
          timed({
            ...invite(['import', '-', '--yes', '--concurrency', '10', '-o', 'ndjson'], api),
            input: `email\n${input(`a${round++}`)}`,
          }),
        ),
      () =>
        withApi({ latency: 50 }, (api) =>
          timed({ words: [join(references, 'create-curl.sh'), api.endpoint, '10'], input: input(`b${round++}`) }),
        ),
    );
  }

  const sizeOf = (people, bindings) => ({ people: size(people), bindings: size(bindings) });
  const barePlan = (api) => ({ words: [node, join(references, 'list-node.js'), api.endpoint, ...pathsOfPlan] });

  function planOf(format, membership, api) {
    const file = join(folder(), `people.${format}`);
    writeFileSync(file, fileOf(format, membership));
    const where = format === 'csv' ? ['--managed', 'roles', '--organization', organization] : [];
    return invite(['plan', file, '--allow-unicode', ...where], api);
  }

  function membershipRatio(count, membership, command, latency = 0) {
    return withApi({ membership, latency }, (api) => ratio(count, command(api), barePlan(api)));
  }

  const [small, large] = [sizeOf(1_000, 2_000), sizeOf(10_000, 50_000)];
  const memberships = [
    [
      'plan of 1,000 people, 2,000 bindings / a bare `node:http` client',
      1.2,
      () => membershipRatio(9, small, (api) => planOf('yaml', small, api)),
    ],
    [
      'plan of 1,000 people, 2,000 bindings, csv / a bare `node:http` client',
      undefined,
      () => membershipRatio(9, small, (api) => planOf('csv', small, api)),
    ],
    [
      'export of 1,000 people, 2,000 bindings / a bare `node:http` client',
      1.2,
      () => membershipRatio(9, small, (api) => invite(['export'], api)),
    ],
    // What an administrator waits for: the lists are three chains of pages, and no API answers in no time.
    ...[20, 100].flatMap((latency) =>
      ['yaml', 'csv'].map((format) => [
        `plan of 1,000 people, 2,000 bindings at ${latency} ms, ${format} / a bare \`node:http\` client`,
        undefined,
        () => membershipRatio(5, small, (api) => planOf(format, small, api), latency),
      ]),
    ),
    ...[
      ['yaml', 200],
      ['csv', 110],
    ].map(([format, hold]) => [
      `plan of 10,000 people, 50,000 bindings, ${format}, peak MiB`,
      hold,
      () => withApi({ membership: large }, (api) => medianOf(runs(3), () => peakOf(planOf(format, large, api)))),
    ]),
    [
      'export of 10,000 people, 50,000 bindings, peak MiB',
      undefined,
      () => withApi({ membership: large }, (api) => medianOf(runs(3), () => peakOf(invite(['export'], api)))),
    ],
  ];

  return [...starts, ...lists, ...bulks, ...memberships].map(([what, hold, measure, needs = []]) => ({
    ...{ what, hold, measure },
    missing: needs.find((name) => programAt(name) === undefined),
  }));
}

const ndjson = ['-o', 'ndjson'];

/** The same command with the key in a stored profile instead of the environment. */
function withProfile(command, { endpoint }) {
  const profile = {
    api_key: credentials.CONFLUENT_CLOUD_API_KEY,
    api_secret: credentials.CONFLUENT_CLOUD_API_SECRET,
    endpoint,
  };
  const config = { version: 1, current: 'bench', profiles: { bench: profile } };
  writeFileSync(join(command.env.INVITE_CONFIG_DIR, 'config.json'), JSON.stringify(config), { mode: 0o600 });
  return command;
}

/** An API that speaks TLS with a certificate made for it, and the variable with which a client trusts that. */
async function overTls(act) {
  const { execFileSync } = await import('node:child_process');
  const place = folder();
  const tls = { key: join(place, 'key.pem'), cert: join(place, 'cert.pem') };
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', tls.key];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', tls.cert, '-days', '2', ...subject], { stdio: 'ignore' });
  return withApi({ rows: 10, tls }, (api) => act(api, { NODE_EXTRA_CA_CERTS: tls.cert }));
}

/** So many, one a line. */
function addresses(who, count) {
  return Array.from({ length: count }, (_, number) => `${who}.${number}@example.com\n`).join('');
}

function once(make) {
  let value;
  return () => {
    value ??= make();
    return value;
  };
}
