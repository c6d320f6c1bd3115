import { isKnownRole, nearestRoles } from '../api/roles.ts';
import type { CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { allowUnknownRolesOption } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import type { Desired } from '../membership/desired.ts';
import { filesOf, type PeopleOptions, problemsOf } from '../membership/file.ts';
import { addFileOptions } from '../membership/plan-options.ts';
import { readPlanInput } from '../membership/prepare.ts';
import { viewOf } from '../output/view.ts';
import type { FileProblem, FileProblems } from '../people/problems.ts';
import { clean } from '../text/sanitize.ts';

interface Finding {
  readonly file: string;
  /** The number of people in it; undefined if it cannot be read. */
  readonly people: number | undefined;
  readonly problems: readonly FileProblem[];
  readonly error: CliError | undefined;
}

const fields = ['file', 'valid', 'people', 'problems', 'error', 'error.code', 'error.message'] as const;

const validateView = viewOf<Finding>(fields, {
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
    file,
    valid: error === undefined,
    people,
    problems,
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
    .addView(() => validateView)
    .action(bind(validate));

async function validate(ctx: Context, files: string[], options: PeopleOptions): Promise<void> {
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
  const lines = invalid.flatMap(({ file, error }) => {
    const reason = error?.details.reason ?? error?.message ?? '';
    return reason.split('\n').map((line) => `${clean(file)}: ${line}`);
  });
  throw new CliError('invalid_file', `${invalid.length} of ${found.length} files are not valid`, {
    reason: lines.join('\n'),
  });
}

/** Reads one file. A failure that is not about what it contains is thrown. */
async function check(ctx: Context, file: string, options: PeopleOptions): Promise<Finding> {
  const problems = problemsOf(ctx, file, Number.POSITIVE_INFINITY);
  let people: number | undefined;
  try {
    const { desired, reviewed } = await readPlanInput(ctx, file, { ...options, problems });
    people = desired.people.length;
    if (options.allowUnknownRoles !== true && reviewed === undefined) refuseUnknownRoles(desired, problems);
    problems.throwIfAny(file);
    return { file, people, problems: [], error: undefined };
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== 2) throw error;
    const invalid = new CliError(error.code, `"${file}" is not valid`, { ...error.details, target: file });
    return { file, people, problems: problems.shown, error: problems.count === 0 ? error : invalid };
  }
}

/** A plan would ask whether somebody in the organization holds them; here only the predefined ones are known. */
function refuseUnknownRoles({ people }: Desired, problems: FileProblems): void {
  const reported = new Set<string>();
  for (const { role, line } of people.flatMap(({ roles = [] }) => roles)) {
    const name = role.role_name;
    if (isKnownRole(name) || reported.has(`${line} ${name}`)) continue;
    reported.add(`${line} ${name}`);
    problems.add(line, `unknown role "${name}"; ${nearestRoles(name)} --allow-unknown-roles admits it`);
  }
}
