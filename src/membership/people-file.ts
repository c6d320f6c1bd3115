import { basename } from 'node:path';
import type { Context } from '../cli/context.ts';
import type { DomainOptions } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import type { ColumnHeadings } from '../people/columns.ts';
import type { FileProblem } from '../people/problems.ts';
import { filesIn, readFile, readStdin } from '../people/source.ts';
import type { Desired, Managed } from './desired.ts';
import { readMembership } from './file.ts';

/** The flags about a file of people. */
export interface PeopleOptions extends DomainOptions {
  readonly columns?: ColumnHeadings;
  readonly skipRowsWithoutEmail?: boolean;
  readonly managed?: Managed;
  readonly organization?: string;
  readonly allowUnicode?: boolean;
  readonly allowUnknownRoles?: boolean;
}

interface PeopleSource {
  /** As typed. */
  readonly file: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly onProblem?: ((problem: FileProblem) => void) | undefined;
}

/** Reads the bytes of a file of people, or of stdin for `-`. */
export async function readPeopleFile(ctx: Context, file: string): Promise<PeopleSource> {
  try {
    const { bytes, name } = file === '-' ? await readStdin(ctx) : { ...readFile(file), name: basename(file) };
    return { file, name, bytes };
  } catch (error) {
    throw shownAtTop(ctx, file, error);
  }
}

/** The file that was named, or those in the folder that was. */
export function filesOf(ctx: Context, name: string): string[] {
  try {
    return filesIn(name);
  } catch (error) {
    throw shownAtTop(ctx, name, error);
  }
}

/** A GitHub workflow is shown at the first line of a file why it cannot be read at all. */
function shownAtTop({ github }: Context, file: string, error: unknown): unknown {
  const message = error instanceof CliError && file !== '-' ? error.details.reason : undefined;
  if (message !== undefined) github.reject({ file, line: 1, message });
  return error;
}

/** Reads a file of people; a GitHub workflow is shown what is wrong with each line. */
export async function readDesired(
  ctx: Context,
  { file, name, bytes, onProblem: told }: PeopleSource,
  options: PeopleOptions,
): Promise<Desired> {
  const { managed, organization, allowUnicode = false, allowUnknownRoles: allowTypos = false } = options;
  const { columns, skipRowsWithoutEmail = false, allowExternal = false, allowedDomains } = options;
  const place = file === '-' ? {} : { file };
  const flags = {
    ...(managed === undefined ? {} : { managed }),
    ...(organization === undefined ? {} : { organization }),
    ...(columns === undefined ? {} : { columns }),
    ...{ skipRowsWithoutEmail, allowExternal, allowedDomains },
  };
  let isShown = false;
  const onProblem = (problem: FileProblem) => {
    isShown = true;
    told?.(problem);
    ctx.github.reject({ ...place, ...problem });
  };
  try {
    return await readMembership(bytes, name, { ...flags, allowUnicode, allowTypos, onProblem });
  } catch (error) {
    throw isShown ? error : shownAtTop(ctx, file, error);
  }
}
