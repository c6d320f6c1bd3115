import { isKnownRole } from '../api/roles.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { allowUnknownRolesOption, nearestWords } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import type { Desired } from '../membership/desired.ts';
import { filesOf, type PeopleOptions } from '../membership/file.ts';
import { addFileOptions } from '../membership/plan-options.ts';
import { readPlanInput } from '../membership/prepare.ts';
import { viewOf } from '../output/view.ts';
import type { FileProblem } from '../people/problems.ts';
import { clean } from '../text/sanitize.ts';

/** What was found in one file. */
interface Finding {
  readonly file: string;
  /** The number of people in it; undefined if it cannot be read. */
  readonly people: number | undefined;
  readonly problems: readonly FileProblem[];
  readonly error: CliError | undefined;
}

const fields = ['file', 'valid', 'people', 'problems'] as const;

export const validateView = viewOf<Finding>(fields, {
  words: { problems: (problems) => String(Array.isArray(problems) ? problems.length : 0) },
  columns: [
    { title: 'FILE', field: 'file', rank: 0 },
    { title: 'VALID', field: 'valid', rank: 0 },
    { title: 'PEOPLE', field: 'people', rank: 2 },
    { title: 'PROBLEMS', field: 'problems', rank: 1 },
  ],
  csv: ['file', 'valid', 'people'],
  block: ['file', 'valid', 'people'],
  record: ({ file, people = null, problems, error }) => ({
    ...{ file, valid: error === undefined, people, problems },
    ...(error === undefined ? {} : { error: error.toRecord() }),
  }),
  id: ({ file, error }) => (error === undefined ? undefined : file),
});

export const definition: CommandDefinition = (command, bind) =>
  addFileOptions(command)
    .description(
      'Check files of people, and saved plans, without a key and without the network. Every problem is named with its ' +
        'line, and annotated in a GitHub workflow.',
    )
    .argument('<file...>', 'the files, or folders of them; - reads stdin')
    .addOption(allowUnknownRolesOption())
    .addExamples(
      'invite validate people.yaml',
      'invite validate teams/*.yaml',
      'invite help schema > people.schema.json',
    )
    .addNote('The file is explained by: invite help membership')
    .action(bind(validate));

async function validate(ctx: Context, files: string[], options: PeopleOptions): Promise<void> {
  ctx.expect(validateView);
  const found: Finding[] = [];
  for (const file of files.flatMap((name) => filesOf(ctx, name))) found.push(await check(ctx, file, options));
  const [only] = found;
  if (only !== undefined && found.length === 1) {
    if (only.error !== undefined) throw only.error;
    return ctx.show(validateView, only);
  }
  await ctx.list(validateView, [found]);
  const invalid = found.filter(({ error }) => error !== undefined);
  if (invalid.length === 0) return;
  throw new CliError('invalid_file', `${invalid.length} of ${found.length} files are not valid`, {
    reason: invalid.flatMap(({ file, error }) => linesOf(error).map((line) => `${clean(file)}: ${line}`)).join('\n'),
  });
}

function linesOf(error: CliError | undefined): string[] {
  return (error?.details.reason ?? error?.message ?? '').split('\n');
}

/** Reads one file. A failure that is not about what it contains is thrown. */
async function check(ctx: Context, file: string, options: PeopleOptions): Promise<Finding> {
  const problems: FileProblem[] = [];
  const onProblem = (problem: FileProblem) => void problems.push(problem);
  let people: number | undefined;
  let failure: CliError | undefined;
  try {
    const { desired, saved } = await readPlanInput(ctx, file, { ...options, onProblem });
    people = desired.people.length;
    const unknown = options.allowUnknownRoles === true || saved !== undefined ? [] : unknownRoles(desired);
    for (const problem of unknown) {
      onProblem(problem);
      ctx.github.reject({ ...(file === '-' ? {} : { file }), ...problem });
    }
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== 2) throw error;
    failure = error;
  }
  return { file, people, problems, error: problems.length === 0 ? failure : invalid(file, problems, failure) };
}

/** More lines than this are read by nobody. */
const mostLines = 1000;

/** The failure with every problem, where a command that goes on to do something shows the first ones. */
function invalid(file: string, problems: readonly FileProblem[], error?: CliError): CliError {
  const sorted = [...problems].sort((a, b) => a.line - b.line);
  const lines = sorted.slice(0, mostLines).map(({ line, message }) => `line ${line}: ${clean(message)}`);
  const more = problems.length > mostLines ? [`and ${problems.length - mostLines} more`] : [];
  return new CliError(error?.code ?? 'invalid_file', `"${file}" is not valid`, {
    reason: [...lines, ...more].join('\n'),
    hints: error?.details.hints ?? [],
    target: file,
  });
}

/** A plan would ask whether somebody in the organization holds them; here only the predefined ones are known. */
function unknownRoles({ people }: Desired): FileProblem[] {
  const unknown = new Map<string, FileProblem>();
  for (const { roles = [] } of people) {
    for (const { role, line } of roles) {
      const name = role.role_name;
      const message = `unknown role "${name}"; ${nearestWords(name)} --allow-unknown-roles admits it`;
      if (!isKnownRole(name)) unknown.set(`${line} ${name}`, { line, message });
    }
  }
  return [...unknown.values()];
}
