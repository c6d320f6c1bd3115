import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInPty } from './support/pty.ts';
import { temporaryFolder } from './support/run-cli.ts';
import { terminalSvg } from './support/terminal-svg.ts';

const path = join(import.meta.dirname, '..', '.github', 'terminal.svg');

/** What is typed in the picture of the README. */
const lines = [
  'invite create ann@example.com bob@example.com --role DataDiscovery@env-abc',
  'invite list',
  'invite plan people.yaml',
];

const people = `version: 1
organization: 00000000-0000-4000-8000-73616e64626f
managed: people
people:
  - { email: owner@sandbox.example, roles: [OrganizationAdmin] }
  - { email: ann@example.com, roles: [DataDiscovery@env-abc, MetricsViewer] }
  - { email: cyd@example.com, roles: [Operator], until: 2030-03-31 }
`;

test('the picture shows what comes of its lines (UPDATE=1 draws it)', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'bin'));
  symlinkSync(join(import.meta.dirname, '..', 'bin', 'invite.js'), join(folder, 'bin', 'invite'));
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    INVITE_CONFIG_DIR: folder,
    INVITE_STATE_DIR: folder,
    INVITE_PROFILE: 'sandbox',
  };
  writeFileSync(join(folder, 'people.yaml'), people);
  const shown: string[] = [];
  for (const line of lines) {
    const { drawn } = await runInPty(['bash', '-c', line], [], { env, cwd: folder, columns: 96 });
    shown.push(`\x1b[32m$\x1b[0m ${line}\n${drawn.replaceAll('\r', '')}`);
  }
  const picture = terminalSvg(
    shown.join(''),
    'invite in a terminal: two people are invited and listed, and a file of people is planned',
  );
  if (process.env.UPDATE) writeFileSync(path, picture);
  expect(alike(readFileSync(path, 'utf8'))).toBe(alike(picture));
});

/** Words about times may differ by the second. */
function alike(svg: string): string {
  return svg.replace(/\d{4}-\d\d-\d\d|\d+ (?:second|minute|hour|day)s?|just now|plan [0-9a-f]{8}/g, 'SPAN');
}
