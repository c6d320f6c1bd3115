// A tour on a throw-away sandbox: every command is printed before what it prints. No account, no network, nothing left behind.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// An installed program is shown by its path: node test/demo.js PATH.
const program = process.argv[2] ?? join(import.meta.dirname, '..', 'bin', 'invite.js');
const folder = mkdtempSync(join(tmpdir(), 'invite-demo-'));
const env = {
  PATH: process.env.PATH,
  HOME: folder,
  INVITE_CONFIG_DIR: folder,
  INVITE_STATE_DIR: folder,
  INVITE_PROFILE: 'sandbox',
};

/** Runs one line and shows it as it would look in a terminal. Ends the tour if it does not end as it should. */
function show(remark, line, { code = 0, input } = {}) {
  process.stdout.write(`\n# ${remark}\n$ invite ${line}\n`);
  const words = line.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { env, input, encoding: 'utf8' });
  process.stdout.write(stdout + stderr);
  if (status !== 0) process.stdout.write(`(exit code ${status})\n`);
  if (status === code) return stdout;
  throw new Error(`"invite ${line}" ended with ${status}, not with ${code}`);
}

try {
  show('Invite two people. Nobody is mailed twice: each is looked up first.', 'create ann@example.com bob@example.com');
  show('Who is invited?', 'list');
  show('Ann clicks the link in her mail.', 'sandbox accept ann@example.com');
  show('One invitation, whole.', 'get ann@example.com');
  const list = show('As JSON, for jq.', 'list -o json --fields email,state');
  const pending = JSON.parse(list).filter((invitation) => invitation.state === 'pending');
  process.stdout.write(`\n# … | jq -r '.[] | select(.state=="pending") | .email'\n`);
  for (const { email } of pending) process.stdout.write(`${email}\n`);
  show('An accepted invitation cannot be revoked; the error says what can be done.', 'delete ann@example.com --yes', {
    code: 7,
  });
  show('A pending one can.', 'delete bob@example.com --yes');
  show('Inviting Ann again mails nobody.', 'create ann@example.com -o json');
  const listed = show('Everybody as a file, to be reviewed like code.', 'export');
  const people = join(folder, 'people.yaml');
  const wanted = listed.replace('\nmanaged: none', '\nmanaged: people').replace('roles: []', 'roles: [MetricsViewer]');
  writeFileSync(people, `${wanted}  - cyd@example.com\n`);
  show('After an edit: who would get what, and why?', `plan ${people}`);
  show('Make it so. In a terminal it asks first.', `apply ${people} --yes`);
  show('A nightly check: 10 if somebody changed something by hand.', `plan ${people} --expect-no-changes`);
  writeFileSync(people, wanted.replace(/.*ann@.*\n/, ''));
  show('Ann and Cyd are removed from the file.', `plan ${people}`);
  show('Who is in, and what may they do?', 'people');
  show('What would be lost with her?', 'trace ann@example.com');
  show(
    'Out, whether members or only invited. In a terminal it asks first.',
    'remove ann@example.com cyd@example.com --yes',
  );
  show('Running it again finds nothing left to do.', 'remove ann@example.com cyd@example.com --yes');
  process.stdout.write('\nThat was the sandbox. With your own Cloud API key: invite auth login\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
