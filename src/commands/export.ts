import { basename } from 'node:path';
import { Option } from 'commander';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import {
  diffYaml,
  type Export,
  entriesJson,
  entriesYaml,
  exportCsv,
  exportJson,
  exportOf,
  exportYaml,
  missingFrom as whoIsNotListed,
} from '../membership/export.ts';
import { observe } from '../membership/observe.ts';
import { readDesired, readPeopleFile } from '../membership/people-file.ts';
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
    .action(bind(exportPeople));

async function exportPeople(ctx: Context, options: ExportOptions): Promise<void> {
  const write = writerFor(ctx.globals.output);
  if (options.diff !== undefined) return showDiff(ctx, options.diff, options);
  const name = options.missingFrom;
  const missingFrom = name === undefined ? undefined : await readListed(ctx, name);
  const location = await locate(ctx, missingFrom ?? {}, name === undefined ? '' : basename(name));
  const { organization, findCaller, tools } = location;
  const observed = await observe(tools, { organization, caller: findCaller(), now: ctx.now });
  const file = exportOf(observed, {
    ...{ now: ctx.now(), sso: options.sso === true },
    ...(missingFrom === undefined ? {} : { missingFrom }),
  });
  await ctx.host.stdout.write(await write(file, { isPart: missingFrom !== undefined }));
  if (missingFrom !== undefined && file.people.length === 0) ctx.remark('nobody is missing');
  for (const line of whoIsNotListed(file)) ctx.say(line);
}

/** Prints what differs; the file itself is never written. */
async function showDiff(ctx: Context, file: string, { sso }: ExportOptions): Promise<void> {
  const { output } = ctx.globals;
  if (output !== 'table' && output !== 'yaml') {
    throw new CliError('usage', `--diff cannot be written as ${output}`, { hints: ['leave -o out'] });
  }
  const desired = await readListed(ctx, file);
  const { organization, findCaller, tools } = await locate(ctx, desired, basename(file));
  const observed = await observe(tools, { organization, caller: findCaller(), now: ctx.now });
  const text = diffYaml(exportOf(observed, { now: ctx.now(), sso: sso === true }), desired, observed);
  await ctx.host.stdout.write(text);
  if (text === '') ctx.remark('nothing differs');
}

function readListed(ctx: Context, file: string) {
  const { bytes } = readPeopleFile(ctx, file);
  return readDesired(ctx, { file, name: basename(file), bytes }, { allowUnicode: true });
}

type Writer = (file: Export, how: { readonly isPart: boolean }) => string | Promise<string>;

const yaml: Writer = (file, { isPart }) => (isPart ? entriesYaml(file) : exportYaml(file));
const writers: Partial<Record<Format, Writer>> = {
  table: yaml,
  yaml,
  json: (file, { isPart }) => (isPart ? `[${entriesJson(file)}]\n` : exportJson(file)),
  csv: (file, { isPart }) => exportCsv(file, { header: !isPart }),
};

/** Without -o it is YAML, in which a person writes such a file. */
function writerFor(format: Format): Writer {
  const writer = writers[format];
  if (writer !== undefined) return writer;
  throw new CliError('usage', `a file of people cannot be written as ${format}`, {
    hints: ['-o yaml, -o json or -o csv'],
  });
}
