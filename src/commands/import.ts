import { Option } from 'commander';
import { parseRole, type Role } from '../confluent/roles.ts';
import type { Context } from '../context.ts';
import { type AuthType, authTypes } from '../invitations/invitation.ts';
import {
  type CommandDefinition,
  concurrencyOption,
  dryRunOption,
  examples,
  repeatable,
  yesOption,
} from './shared/command.ts';

export interface ImportOptions {
  readonly authType?: AuthType;
  readonly role?: readonly Role[];
  readonly allowUnicode?: boolean;
  readonly concurrency?: number;
  readonly restart?: boolean;
  readonly forceUnlock?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

export const importCommand: CommandDefinition = (command, bind) =>
  command
    .description(
      'Invite everybody in a file: CSV with the columns email, role, scope and auth_type, JSON, NDJSON, or an address a ' +
        'line. All rows are checked before the first mail. Typed again after an interruption, it goes on where it stopped.',
    )
    .argument('<file>', 'the file; - reads stdin')
    .addOption(
      new Option('--auth-type <type>', 'how they sign in, where a row does not say').choices(Object.keys(authTypes)),
    )
    .addOption(repeatable('--role <role[@scope]>', 'grant a role to everybody (repeatable)', parseRole))
    .addOption(new Option('--allow-unicode', 'admit addresses with letters beyond ASCII'))
    .addOption(concurrencyOption())
    .addOption(new Option('--restart', 'forget what earlier runs did, and look at everybody again'))
    .addOption(new Option('--force-unlock', 'go on although another import of this file seems to be running'))
    .addOption(yesOption())
    .addOption(dryRunOption())
    .addHelpText(
      'after',
      examples(
        'invite import people.csv --dry-run',
        'invite import people.csv --role DeveloperRead@env-abc',
        'invite import people.csv --yes -o ndjson > results.ndjson',
        'cut -d, -f2 staff.csv | invite import - --yes',
      ),
    )
    .action(bind(importFile));

/** The act is loaded when it is typed: journals, hashes and files would cost every other command milliseconds. */
async function importFile(ctx: Context, file: string, options: ImportOptions): Promise<void> {
  const { runImport: carryOutFile } = await import('./shared/import-run.ts');
  await carryOutFile(ctx, file, options);
}
