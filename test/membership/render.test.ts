import { describe, expect, test } from 'vitest';
import { inOneBatch } from '../../src/cli/printer.ts';
import { decide } from '../../src/membership/decide.ts';
import type { Plan, Row } from '../../src/membership/plan.ts';
import { planBlocks, planMarkdown, planView, shownRows, summaryLines } from '../../src/membership/show-plan.ts';
import { formatDefinition } from '../../src/output/formats.ts';
import { renderer } from '../../src/output/table.ts';
import type { RenderOptions } from '../../src/output/view.ts';
import { widthOf } from '../../src/text/width.ts';
import { file, Organization, planOf, question, read } from './organization.ts';

/** Something of everything. */
function organization(): Organization {
  const made = new Organization();
  made.member('ann@example.com', ['OrganizationAdmin']);
  made.member('deb@example.com', ['OrganizationAdmin']);
  made.member('bob@example.com', ['MetricsViewer', 'DataDiscovery@environment=env-abc']);
  made.member('gus@example.com', ['Operator']);
  made.keys.set(made.member('hal@example.com'), ['ABCDEFGH12345678', 'EFGHIJKL56781234']);
  made.invite('ivy@example.com', { status: 'EXPIRED', age: 8 });
  made.invite('joe@example.com', { age: 2 });
  made.member('sso@example.com', [], { auth_type: 'AUTH_TYPE_SSO', invited: false });
  for (const principal of ['User:sa-1', 'User:sa-2', 'User:pool-1', 'Group:g']) made.bind(principal, 'Operator');
  return made;
}

const shown = (plan: Plan, made: Organization) => ({
  plan,
  observed: made.observe(),
  document: { fingerprint: '7f3a91c2d4' },
});

const text = file(
  'people',
  `  - { email: ann@example.com, roles: [OrganizationAdmin, MetricsViewer] }
  - { email: deb@example.com, roles: [OrganizationAdmin] }
  - { email: bob@example.com, roles: [MetricsViewer] }
  - ivy@example.com
  - joe@example.com`,
);

const pipe = { isTTY: false, width: 0, color: 0, now: 0 } as const;

async function tableOf(rows: readonly Row[], options: RenderOptions = pipe): Promise<string> {
  let text = '';
  for await (const part of renderer.many(planView, inOneBatch(rows), options)) text += part;
  return text;
}

const table = `   ACTION    EMAIL            STATE    WHAT                                       WHY
 - remove    gus@example.com  member   Operator on the organization; no API keys  not in people.yaml
 - revoke    bob@example.com  member   DataDiscovery on environment=env-abc       line 7 does not have it
 ! blocked   hal@example.com  member   owns 2 API keys: ABCD…5678, EFGH…1234      not in people.yaml; --with-api-keys deletes them, too
 + reinvite  ivy@example.com  expired  mail 2                                     line 8; expired 2026-11-20
 + grant     ann@example.com  member   MetricsViewer on the organization          line 5
   wait      joe@example.com  pending  expires 2026-11-26                         line 9
`;

test('a table has removals first, a sign, and the line of the file', async () => {
  const plan = await planOf(organization(), text);
  expect(await tableOf(shownRows(plan, { all: false }))).toBe(table);
  const others = shownRows(plan, { all: true })
    .slice(6)
    .map(({ action, email }) => `${action} ${email}`);
  expect(others).toEqual([
    'keep ann@example.com',
    'keep bob@example.com',
    'keep deb@example.com',
    'elsewhere sso@example.com',
  ]);
});

test.each([40, 80, 200])('on a terminal of %i columns it fits, and the action and the e-mail stay', async (width) => {
  const rows = shownRows(await planOf(organization(), text), { all: false });
  const drawn = await tableOf(rows, { ...pipe, isTTY: true, width });
  for (const line of drawn.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(width);
  expect(drawn).toMatch(/│ {2}- remove {3}│ gus@example.com/);
  expect(drawn.includes('DataDiscovery')).toBe(width > 40);
  expect(drawn.includes('not in people.yaml; --with-api-keys deletes them, too')).toBe(width === 200);
});

test('with long addresses at 80 columns it is still seen what is granted and revoked', async () => {
  const rows = shownRows(await planOf(organization(), text), { all: false });
  const longer = rows.map((row) => ({ ...row, email: `somebody.with.a.long.name.${row.email}` }));
  const leftOut: string[] = [];
  const options = {
    isTTY: true,
    width: 80,
    color: 0,
    now: 0,
    leftOut: (titles: readonly string[]) => void leftOut.push(...titles),
  } as const;
  const drawn = await tableOf(longer, options);
  expect(drawn).toContain('DataDiscovery on');
  expect(drawn).toContain('MetricsViewer');
  expect(leftOut).toEqual(['STATE', 'WHY']);
});

test('where a table would cut what is to be approved there is a block for each person', async () => {
  const made = new Organization();
  made.member('ann@example.com', ['OrganizationAdmin']);
  const place = 'env-abc/lkc-123/topic=orders.payments.and.a.long.name.of.a.topic';
  const people = `  - { email: ann@example.com, roles: [OrganizationAdmin, DeveloperRead@${place}, MetricsViewer] }`;
  const rows = shownRows(await planOf(made, file('none', people)), { all: false });
  expect(planBlocks(rows, 200)).toBeUndefined();
  expect(planBlocks(rows, 60)).toBe(`ann@example.com  member
 + grant  DeveloperRead on environment=env-abc/
          cloud-cluster=lkc-123/kafka=lkc-123/
          topic=orders.payments.and.a.long.name.of.a.topic
          line 5
 + grant  MetricsViewer on the organization
          line 5
`);
  for (const width of [30, 40, 60, 90]) {
    const text = planBlocks(rows, width) ?? '';
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(text.replace(/\n +/g, '')).toContain('kafka=lkc-123/topic=orders.payments.and.a.long.name.of.a.topic');
  }
});

test('below it stand the sums, what is left alone, and the name of the plan', async () => {
  const plan = await planOf(organization(), text);
  const lines = summaryLines(shown(plan, organization()));
  expect(lines.slice(0, 2)).toEqual([
    '1 mail, 1 grant, 1 revocation, 1 removal of 6 members; 2 admins stay: ann@example.com, deb@example.com; 1 finding',
    'left alone: 2 service accounts, 1 identity pool, 1 group mapping (they give SSO people roles that are not in this list), 1 SSO member without an invitation',
  ]);
  expect(lines[2]).toBe('plan 7f3a91c2');
  expect(lines).toHaveLength(3);
});

test('nothing to do is said so', async () => {
  const made = new Organization();
  made.member('ann@example.com', ['OrganizationAdmin']);
  const plan = await planOf(made, file('people', '  - ann@example.com'));
  expect(summaryLines(shown(plan, made))[0]).toBe('no changes to 1 member');
});

test('Markdown begins with the line that a comment is found by', async () => {
  const plan = await planOf(organization(), text);
  const lines = planMarkdown(shown(plan, organization())).split('\n');
  expect(lines[0]).toBe('<!-- invite-plan -->');
  expect(lines.filter((line) => line.startsWith('#'))).toEqual([
    '## Plan for people.yaml',
    '### Access taken away',
    '### Needs a decision',
    '### Access given',
  ]);
  expect(lines).toContain(
    '| revoke | bob@example.com | member | DataDiscovery on environment=env-abc | line 7 does not have it |',
  );
});

test.each(['json', 'ndjson', 'csv'] as const)('%s has a row for each, the same bytes each time', async (format) => {
  const renderer = await formatDefinition(format).load();
  const draw = async () => {
    const rows = shownRows(await planOf(organization(), text), { all: false });
    const batches = async function* () {
      yield rows;
    };
    const options = { isTTY: false, width: 0, color: 0, now: 0 } as const;
    let drawn = '';
    for await (const piece of renderer.many(planView, batches(), options)) drawn += piece;
    return drawn;
  };
  const drawn = await draw();
  expect(await draw()).toBe(drawn);
  expect(drawn).toContain(
    format === 'csv'
      ? 'revoke,bob@example.com,member,'
      : '"action":"revoke","email":"bob@example.com","state":"member"',
  );
  expect(drawn).toContain('DataDiscovery on environment=env-abc');
});

describe('what would be obeyed is shown', () => {
  const evil = '\x1b[31m::error::x | </td> ##[group]';

  test('in a table, in the lines below it, and in Markdown', async () => {
    const made = organization();
    made.invitations.push({ id: evil, email: `${evil}@example.com`, status: 'INVITE_STATUS_SENT' });
    const plan = { ...decide(question(made, await read(text))), warnings: [evil], file: evil };
    const drawn = await tableOf(shownRows(plan, { all: true }));
    const markdown = planMarkdown(shown(plan, made));
    for (const part of [drawn, summaryLines(shown(plan, made)).join('\n'), markdown]) {
      expect(part).not.toContain('\x1b');
      expect(part).not.toMatch(/^\s*::error/m);
      expect(part).not.toContain('##[');
      expect(part).toContain('error');
    }
    expect(markdown).not.toContain('</td>');
    for (const line of markdown.split('\n').filter((one) => one.startsWith('|'))) {
      expect(line.replaceAll('\\|', '').split('|')).toHaveLength(7);
    }
  });
});
