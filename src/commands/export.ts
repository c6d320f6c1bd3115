import { Option } from 'commander';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import {
  diffYaml,
  exportCsv,
  exportJson,
  exportOf,
  exportYaml,
  missingFromCsv,
  missingFrom as whoIsNotListed,
} from '../membership/export.ts';
import { readDesired, readPeopleFile } from '../membership/file.ts';
import { observe } from '../membership/observe.ts';
import { locate } from '../membership/prepare.ts';
import type { Format } from '../output/formats.ts';

interface ExportOptions {
  readonly missingFrom?: string;
  readonly diff?: string;
  readonly sso?: boolean;
}

export const definition: CommandDefinition = (command, bind) =>
  command
    .description(
      'Print everybody with their roles as a file for "invite plan": YAML unless -o json or -o csv is given. Planning ' +
        'that file changes nothing.',
    )
    .addOption(
      new Option(
        '--missing-from <file>',
        'only the entries that are missing from this file, ready to be pasted into it',
      ),
    )
    .addOption(
      new Option(
        '--diff <file>',
        'only the entries that differ from this file, to be pasted over those in it',
      ).conflicts('missingFrom'),
    )
    .addOption(new Option('--sso', 'also members created by the identity provider, without an invitation'))
    .addExamples(
      'invite export > people.yaml',
      'invite export -o csv > people.csv',
      'invite export --missing-from people.yaml',
    )
    .withoutFormats('ndjson', 'id')
    .addFields(async () => [])
    .action(bind(exportPeople));

async function exportPeople(ctx: Context, { missingFrom, diff, sso = false }: ExportOptions): Promise<void> {
  const { output, fields } = ctx.globals;
  const write = writerFor(output, diff !== undefined);
  if (fields !== undefined) throw new CliError('usage', 'a file of people has all its fields: --fields does not apply');
  const { desired, observed } = await readBoth(ctx, missingFrom ?? diff);
  const isPart = desired !== undefined;
  const now = ctx.now();
  if (isPart && diff !== undefined) {
    const text = diffYaml(exportOf(observed, { now, sso }), desired);
    await ctx.host.stdout.write(text);
    return text === '' ? ctx.remark('nothing differs') : undefined;
  }
  const file = exportOf(observed, { now, sso, missingFrom: desired });
  await ctx.host.stdout.write(write(file, { ...ctx.globals, isPart }));
  if (isPart && file.entries.length === 0) ctx.remark('nobody is missing');
  const notInCsv = write === exportCsv && !isPart ? missingFromCsv(file) : [];
  for (const line of [...whoIsNotListed(file), ...notInCsv]) ctx.say(line);
}

/** The file, if there is one, and the organization, which has to be the one that the file is for. */
async function readBoth(ctx: Context, file: string | undefined) {
  const source = file === undefined ? undefined : await readPeopleFile(ctx, file);
  const desired = source === undefined ? undefined : await readDesired(ctx, source, { allowUnicode: true });
  const { organization, findCaller, tools } = await locate(ctx, {
    name: source?.name ?? '',
    organization: desired?.organization,
  });
  const observed = await observe(tools, { organization, caller: findCaller(), now: ctx.now });
  return { desired, observed };
}

/** Without -o it is YAML, in which a person writes such a file. */
function writerFor(format: Format, isDiff: boolean): typeof exportYaml {
  const writer = format === 'json' ? exportJson : format === 'csv' ? exportCsv : exportYaml;
  if (!isDiff || writer === exportYaml) return writer;
  throw new CliError('usage', `--diff cannot be written as ${format}`, { hints: ['leave -o out'] });
}
