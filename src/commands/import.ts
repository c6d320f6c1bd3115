import { Option } from 'commander';
import { authTypes } from '../api/invitation.ts';
import { parsePlaceable } from '../api/roles.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { addDomainOptions, allowUnknownRolesOption, roleOption } from '../cli/invite-options.ts';
import { parseColumns } from '../people/columns.ts';
import type { ImportOptions } from '../people/import-file.ts';

export const definition: CommandDefinition = (command, bind) =>
  addDomainOptions(command)
    .description(
      'Invite everybody in a file: CSV with the columns email, role, scope and auth_type, JSON, NDJSON, or one address ' +
        'per line. Headings of exports from Google, Microsoft and Okta are understood as well. All rows are checked before ' +
        'the first mail. Running it again looks everybody up again and does what is missing; nobody is mailed twice.',
    )
    .argument('[file]', 'the file; - reads stdin')
    .addOption(
      new Option('--auth-type <type>', 'how they sign in, unless a row says so').choices(Object.keys(authTypes)),
    )
    .addOption(roleOption('grant a role to everybody', parsePlaceable))
    .addOption(
      new Option(
        '--columns <field=heading,...>',
        'which columns hold email, role, scope, auth_type, status and until; empty for none; ignore= passes over one',
      ).argParser(parseColumns),
    )
    .addOption(
      new Option(
        '--include-inactive',
        'invite people whom the file marks as suspended, gone, ended or not yet there, too',
      ),
    )
    .addOption(new Option('--skip-rows-without-email', 'leave out rows without an address'))
    .addOption(new Option('--allow-unicode', 'allow addresses with letters beyond ASCII'))
    .addOption(allowUnknownRolesOption())
    .addChangeOptions()
    .addExamples(
      'invite import people.csv --dry-run',
      'invite import people.csv --role DeveloperRead@env-abc',
      `invite import mitarbeiter.csv --columns 'email="E-Mail (Arbeit)",role=Zugriff'`,
      'invite import people.csv --yes -o ndjson > results.ndjson',
      'cut -d, -f2 staff.csv | invite import - --yes',
    )
    .addView(async () => (await import('../mail/result.ts')).resultView)
    .action(bind(importFile));

/** The action is loaded when it is called: files and their formats would cost every other command milliseconds. */
async function importFile(ctx: Context, file: string | undefined, options: ImportOptions): Promise<void> {
  const { runImport } = await import('../mail/import.ts');
  await runImport(ctx, file, options);
}
