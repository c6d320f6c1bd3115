import { commands, page, prose, terms } from './page.ts';

export function importTopic(): string {
  return page(
    prose(`"invite import" reads a file, or stdin for "-", and invites everybody in it. All rows are checked before the
      first mail leaves; a mistake is named with its line, and then nothing is sent.`),
    commands(
      'invite import people.csv --dry-run',
      'invite import people.csv --yes',
      'invite import - --role MetricsViewer < people.txt',
    ),
    `What the file is, is told by what is in it:\n${terms([
      ['CSV', 'a header and rows, separated by commas, semicolons or tabs'],
      ['JSON', 'an array of objects, with the same names as the columns'],
      ['NDJSON', 'an object a line'],
      ['text', 'an e-mail a line'],
    ])}`,
    `Columns:\n${terms([
      ['email', 'whom to invite; also "e-mail", "mail" or "user". The only one that must be there'],
      ['role', 'a role to grant, as for --role; also "roles"'],
      ['scope', 'what the role is for, if the role does not say it after an @'],
      ['auth_type', 'sso or local: how they sign in'],
    ])}`,
    prose('Other columns are carried along. An address that is there twice, in capitals or not, gets one mail.'),
    prose(`Rows that fail are written to FILE.rejected.csv, those of stdin to invite-import.rejected.csv, as they were and
      with an "error" column: correct them there and import that file.`),
    prose(`What was done is written down while it happens. After a crash, a Ctrl-C or a used-up quota, type the same line
      again: who is invited already gets no second mail. These journals lie in the folder "journals" of the state; they
      hold addresses and no secrets, and once an import is finished they may be deleted.`),
    'invite import --help lists the options.',
  );
}
