import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { runCli, temporaryFolder } from '../support/run-cli.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder, 'people');
});

function invite(line: string) {
  return runCli(line, { folder, env: { INVITE_PROFILE: 'sandbox' } });
}

/** `ann created`, `bob skipped`, with the roles of each; a dry run first, which promises just that. */
async function outcomes(text: string | Buffer, flags = ''): Promise<string[]> {
  writeFileSync(file, text);
  const dry = await invite(`import ${file} ${flags} --dry-run -o json`);
  const done = await invite(`import ${file} ${flags} --yes -o json`);
  const shown = [dry, done].map(({ code, stdout, stderr }) => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    return (
      JSON.parse(stdout) as { email?: string; outcome: string; roles?: { role_name: string; crn_pattern: string }[] }[]
    )
      .map(({ email = '-', outcome, roles = [] }) => {
        const places = roles.map(
          ({ role_name, crn_pattern }) => `${role_name}@${crn_pattern.split('/').slice(4).join('/')}`,
        );
        return [email.replace('@example.com', ''), outcome, ...places].join(' ');
      })
      .sort();
  });
  expect(shown[0]).toEqual(shown[1]);
  return shown[0] ?? [];
}

async function refusal(text: string | Buffer, flags = ''): Promise<string> {
  writeFileSync(file, text);
  const { code, stdout, stderr } = await invite(`import ${file} ${flags} --yes`);
  expect({ code, stdout }, stderr).toEqual({ code: 2, stdout: '' });
  expect((await invite('list -o json')).stdout).toBe('[]\n');
  return stderr;
}

const mails = 'ann@example.com,bob@example.com,cyd@example.com'.split(',');
const [ann, bob] = mails as [string, string];

test('who is left out has a result, and is counted in the question and in what is said of a dry run', async () => {
  const text = `email,status,is_bot\n${ann},active,no\n${bob},left,no\n,active,yes\n`;
  expect(await outcomes(text)).toEqual(['- skipped', 'ann created', 'bob skipped']);
  const { stderr } = await invite(`import ${file} --dry-run`);
  expect(stderr).toContain('left out: 1 status "left", 1 is_bot "yes"');
  expect(stderr).toContain('columns: addresses from "email"; who is there from "status", "is_bot"');
  expect(await outcomes(text, '--include-inactive --skip-rows-without-email')).toEqual([
    ...['- skipped', 'ann already_invited', 'bob created'],
  ]);
});

test('the place of a role is in what is said, and sent', async () => {
  const text = `email,role,environment\n${ann},Operator,env-abc\n${bob},MetricsViewer,\n`;
  writeFileSync(file, text);
  expect((await invite(`import ${file} -n`)).stderr).toContain('MetricsViewer on the organization for 1 person');
  expect(await outcomes(text)).toEqual(['ann created Operator@environment=env-abc', 'bob created MetricsViewer@']);
});

test('a role in another organization is refused, with its line', async () => {
  const crn = 'crn://confluent.cloud/organization=11111111-1111-4111-8111-111111111111/environment=env-abc';
  expect(await refusal(`email,role,crn_pattern\n${ann},Operator,${crn}\n`)).toMatch(
    /line 2: .* is a role of another organization/,
  );
});

test('what is not certain is an error that names the flag, and nobody is mailed', async () => {
  expect(await refusal(`email,Status\n${ann},Active\n${bob},Frozen\n`)).toContain(
    'the column "Status" may say who is no longer there, and "Frozen" is not known\nhint: --columns status= ignores it\n',
  );
});

describe('domains', () => {
  test('others than the allowed ones are refused, with their lines', async () => {
    const text = `email\n${ann}\nbob@other.example\n`;
    const said = await refusal(text, '--allowed-domains example.com,example.org');
    expect(said).toContain('line 3: "bob@other.example": its domain is not one of example.com, example.org');
    expect(said).toContain('hint: --allow-external');
    expect(await outcomes(text, '--allowed-domains example.com --allow-external')).toHaveLength(2);
    const created = await invite('create x@other.example --allowed-domains example.com');
    expect(created).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"x@other.example": its domain is not one of'),
    });
  });

  test('a slip is one from the domain of most of the organization, too', async () => {
    await invite(`create ${mails.join(' ')} x@partner.example`);
    writeFileSync(file, 'email\ndan@exampel.com\neve@partner.example\n');
    for (const flag of ['--dry-run', '--yes']) {
      const { stderr } = await invite(`import ${file} ${flag}`);
      expect(stderr.match(/^warning: .*/gm)).toEqual(['warning: "dan@exampel.com" may be meant as dan@example.com']);
    }
  });

  test.each(['plan', 'apply --yes'])('%s warns of it as well', async (command) => {
    await invite(`create ${mails.join(' ')}`);
    writeFileSync(file, 'email\ndan@exampel.com\n');
    const { stderr } = await invite(`${command} ${file} --managed none`);
    expect(stderr.match(/^warning: .*/gm)).toEqual(['warning: "dan@exampel.com" may be meant as dan@example.com']);
  });

  test.each(['gmial.com', 'exmaple.com', 'example.con'])('a slip is a warning: %s', async (domain) => {
    writeFileSync(file, `email\n${mails.join('\n')}\ndan@${domain}\n`);
    const { code, stderr } = await invite(`import ${file} --yes`);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`warning: "dan@${domain}" may be meant as dan@`),
    });
  });
});
