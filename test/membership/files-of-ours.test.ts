import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesIn, openMembershipApi, organization } from './api.ts';

interface Shown {
  readonly email: string;
  readonly outcome?: string;
  readonly roles?: readonly { readonly role_name: string; readonly crn_pattern: string }[];
}

const place = `crn://confluent.cloud/organization=${organization}`;
const role = fc
  .tuple(
    fc.constantFrom('Operator', 'MetricsViewer', 'KeeperOfTopics'),
    fc.constantFrom(
      '',
      '/environment=env-a',
      '/environment=env-a/cloud-cluster=lkc-1',
      '/environment=env-a/cloud-cluster=lkc-1/kafka=lkc-1/topic=pay*',
      '/environment=env-a/schema-registry=lsrc-1/subject=a',
    ),
  )
  .map(([role_name, where]) => ({ role_name, crn_pattern: `${place}${where}` }));

/** What a spreadsheet would run, what a program would split, and letters in capitals. */
const name = fc
  .stringMatching(/^\+?[A-Za-z0-9][A-Za-z0-9.'+_|&=~-]{0,8}[A-Za-z0-9]$/)
  .filter((text) => !text.includes('..'));
const person = fc.record({
  email: fc.tuple(name, fc.constantFrom('example.com', 'xn--mller-kva.example')).map((parts) => parts.join('@')),
  state: fc.constantFrom('pending', 'accepted', 'expired', 'deactivated', 'member', 'sso_member', 'left'),
  roles: fc.uniqueArray(role, { maxLength: 2, selector: ({ role_name, crn_pattern }) => `${role_name}${crn_pattern}` }),
  full_name: fc.constantFrom('Ann', '=1+1', 'B, "C"', 'Zo\u00eb \u6f22', '-'),
});

const key = ({ role_name, crn_pattern }: { role_name: string; crn_pattern: string }) => `${role_name} ${crn_pattern}`;

test('every file that list, people and export write comes back as it went out', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(person, { minLength: 10, maxLength: 18, selector: ({ email }) => email.toLowerCase() }),
      async (people) => {
        const api = await openMembershipApi({ people });
        const file = join(api.folder, 'file');
        const held = new Map<string, string[]>();
        for (const { email, roles = [] } of JSON.parse((await api.invite('people -o json')).stdout) as Shown[])
          held.set(email, roles.map(key).sort());
        for (const command of ['list', 'people', 'export --sso']) {
          const { stdout: list } = await api.invite(`${command} -o json`);
          const parsed = JSON.parse(list) as { people?: Shown[] } | Shown[];
          const expected = new Set((Array.isArray(parsed) ? parsed : (parsed.people ?? [])).map(({ email }) => email));
          for (const format of ['csv', 'json', 'yaml', ...(command.startsWith('export') ? [] : ['ndjson'])]) {
            const context = `${command} -o ${format}`;
            const { stdout } = await api.invite(`${command} -o ${format}`);
            // NDJSON of nobody is an empty file, which is refused as one that was cut off.
            if (stdout === '') continue;
            writeFileSync(file, stdout);
            const { code, stdout: results, stderr } = await api.invite(`import ${file} --dry-run -o json`);
            expect({ code, stderr: code === 0 ? '' : stderr }, `${context}\n${stdout}`).toEqual({
              code: 0,
              stderr: '',
            });
            const shown = JSON.parse(results) as Shown[];
            expect(new Set(shown.map(({ email }) => email)), `${context}\n${stdout}`).toEqual(expected);
            if (command !== 'list')
              for (const { email, outcome, roles = [] } of shown)
                if (outcome !== 'skipped')
                  expect(roles.map(key).sort(), `${context} ${email}\n${stdout}`).toEqual(held.get(email));
            const planned = await api.invite(`plan ${file} -o ndjson`);
            expect(planned.code, `${context}\n${planned.stderr}\n${stdout}`).toBe(0);
            const actions = linesIn(planned.stdout).map(({ action }) => action);
            const allowed = command.startsWith('export') ? [] : ['reinvite', 'gave_up', 'grant'];
            expect(
              actions.filter((action) => !['orphan', 'wait', 'keep', ...allowed].includes(action)),
              `${context}\n${planned.stdout}\n${stdout}`,
            ).toEqual([]);
          }
        }
      },
    ),
    { numRuns: 1, endOnFailure: true },
  );
});
