import { Option } from 'commander';
import { type ChangeOptions, type CliCommand, countOption } from '../cli/command.ts';
import { addDomainOptions, allowUnknownRolesOption } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import { formatColumns, parseColumns } from '../people/columns.ts';
import { fileWord, flagOf, optionsAgain } from '../text/suggest.ts';
import { managedValues } from './desired.ts';
import type { PeopleOptions } from './file.ts';
import { defaultLimits, type Limits } from './safety.ts';

export interface PlanOptions extends PeopleOptions {
  readonly maxRemovals?: number;
  readonly maxRevocations?: number;
  readonly minAdmins?: number;
  readonly withApiKeys?: boolean;
  readonly additionsOnly?: boolean;
  readonly self?: string;
}

export interface ApplyOptions extends PlanOptions, ChangeOptions {
  readonly allowAdmins?: boolean;
  readonly forceUnlock?: boolean;
}

const range = [0, 1_000_000] as const;

/** The safety rules that can be changed for one run. */
const safetyOptions = {
  maxRemovals: () =>
    countOption('--max-removals <n>', 'people who may lose access (default 3, or 10 % of members and pending)', range),
  maxRevocations: () =>
    countOption(
      '--max-revocations <n>',
      'roles that may be revoked (default 10, or 25 % of those of people listed)',
      range,
    ),
  minAdmins: () => countOption('--min-admins <n>', 'members who must keep OrganizationAdmin (default 2)', range),
  withApiKeys: () => new Option('--with-api-keys', 'also remove people who own API keys, which deletes the keys'),
  self: () =>
    new Option(
      '--self <email|user-id>',
      'who runs this, if the API does not say who owns the key; also sa-… or pool-…',
    ),
  allowUnknownRoles: allowUnknownRolesOption,
  additionsOnly: () => new Option('--additions-only', 'take nothing away in this run'),
};

export function addSafetyOptions(command: CliCommand, ...names: readonly (keyof typeof safetyOptions)[]): CliCommand {
  for (const name of names) command.addOption(safetyOptions[name]().helpGroup('Safety:'));
  return command;
}

export function addFileOptions(command: CliCommand): CliCommand {
  const columns = new Option(
    '--columns <field=heading,...>',
    'for a table: which columns hold email, role, scope …',
  ).argParser(parseColumns);
  return addDomainOptions(command)
    .addOption(columns)
    .addOption(new Option('--skip-rows-without-email', 'for a table: leave out rows without an address'))
    .addOption(new Option('--managed <what>', 'for CSV: what the file manages').choices(managedValues))
    .addOption(new Option('--organization <id>', 'for CSV: the organization that the file is for'))
    .addOption(new Option('--allow-unicode', 'allow addresses with letters beyond ASCII'))
    .addNote('The file is explained by: invite help membership');
}

/** What plan and apply take both. */
export function addPlanOptions(command: CliCommand): CliCommand {
  addSafetyOptions(command, 'maxRemovals', 'maxRevocations', 'minAdmins', 'withApiKeys', 'allowUnknownRoles', 'self');
  addSafetyOptions(command, 'additionsOnly');
  command
    .argument('<file...>', 'files of people of one organization, or folders of them, or a saved plan; - reads stdin')
    .addFormats('markdown');
  return addFileOptions(command);
}

export function limitsIn(options: PlanOptions): Limits {
  return {
    max_removals: options.maxRemovals,
    max_revocations: options.maxRevocations,
    min_admins: options.minAdmins ?? defaultLimits.min_admins,
    with_api_keys: options.withApiKeys ?? defaultLimits.with_api_keys,
    allow_unknown_roles: options.allowUnknownRoles,
    additions_only: options.additionsOnly,
    self: options.self,
  };
}

/** The flags whose values a saved plan carries. */
const carried = [
  ...(['maxRemovals', 'maxRevocations', 'minAdmins', 'withApiKeys', 'additionsOnly', 'allowUnknownRoles'] as const),
  ...(['self', 'managed', 'organization'] as const),
] satisfies readonly (keyof PlanOptions)[];

/** What was reviewed was reviewed under its own limits. */
export function refuseOptions(options: PlanOptions, name: string): void {
  const given = carried.find((option) => options[option] !== undefined);
  if (given === undefined) return;
  throw new CliError('usage', `${flagOf(given)} cannot be given with the saved plan "${name}"`, {
    reason: 'a saved plan carries the limits that it was made under',
    hints: [`give ${flagOf(given)} to invite plan, and review the new plan`],
  });
}

/** The command that was typed, for hints: without its flags it would plan something else. */
export function typedAgain(command: 'plan' | 'apply', files: readonly string[], options: ApplyOptions): string {
  const { allowUnicode, columns, allowedDomains, allowExternal, skipRowsWithoutEmail, allowAdmins } = options;
  const values = {
    ...Object.fromEntries(carried.map((option) => [option, options[option]])),
    allowUnicode,
    columns: columns === undefined ? undefined : formatColumns(columns),
    skipRowsWithoutEmail,
    allowedDomains: allowedDomains?.join(','),
    allowExternal,
    allowAdmins: command === 'apply' && allowAdmins,
  };
  return ['invite', command, ...files.map(fileWord), ...optionsAgain(values)].join(' ');
}
