import { foldEmail } from '../api/email.ts';
import { formatRole, isTypo, type Role } from '../api/roles.ts';
import { type ColumnHeadings, tellingIn } from '../people/columns.ts';
import { type OpenOptions, openPeople, type PeopleFlags } from '../people/open.ts';
import type { FileProblem, FileProblems } from '../people/problems.ts';
import type { Row } from '../people/row.ts';
import { didYouMean } from '../text/suggest.ts';
import type { DesiredPerson } from './desired.ts';
import type { DocumentRules } from './read-document.ts';

/** The columns of a membership file, in the order of an export. */
export const columns = ['email', 'role', 'scope', 'auth_type', 'until', 'note'] as const;

interface TableOptions extends PeopleFlags, DocumentRules {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly now?: number;
  readonly onProblem?: (problem: FileProblem) => void;
}

/** The people of a table. A person may have several rows; a role of `-` means none at all. */
export async function readTable(text: Buffer, options: TableOptions): Promise<DesiredPerson[]> {
  const builder = new PeopleBuilder();
  await openPeople(
    { name: options.name, text },
    {
      ...{ now: 0, ...options },
      ...{
        act: 'read',
        keepsEnded: true,
        trustsOurs: true,
        unknownRoles: async (names) => (options.allowTypos ? [] : names.filter(isTypo)),
        check: (file, problems) => refuseForeign(file, problems, options.columns),
      },
    },
    builder.add,
  );
  return builder.people();
}

type Columns = Parameters<NonNullable<OpenOptions['check']>>[0];

/** A column that is not read may say who is no longer to be there. */
function refuseForeign({ understood, isOurs, line }: Columns, problems: FileProblems, told?: ColumnHeadings): void {
  if (isOurs) return;
  const isUntil = (heading: string) => told?.has('until') === true || tellingIn(heading) === 'until';
  const foreign = [...understood.tellings]
    .filter(([heading, telling]) => telling !== 'until' || !isUntil(heading))
    .map(([heading]) => heading);
  for (const name of [...understood.ignored, ...foreign].map((heading) => heading.trim().toLowerCase())) {
    if (name.startsWith('x-')) continue;
    const [hint = `known: ${columns.join(', ')}`] = didYouMean(name, columns);
    problems.add(line, `"${name}" is not a column; ${hint}; "x-${name}" would be left alone`);
  }
}

/** A person while rows are still added. */
type Draft = { -readonly [Key in keyof DesiredPerson]: DesiredPerson[Key] };

class PeopleBuilder {
  readonly #people = new Map<string, Draft>();
  readonly #roles = new Map<string, Role>();
  /** The first row of each role of a person. */
  readonly #rows = new Map<string, Row>();

  people(): DesiredPerson[] {
    return [...this.#people.values()];
  }

  readonly add = (row: Row, problems: FileProblems): void => {
    const { line, email, authType, until, note } = row;
    const key = foldEmail(email);
    const person = this.#people.get(key) ?? { line, email };
    this.#people.set(key, person);
    if (note !== undefined) person.note ??= note;
    if (authType !== undefined && person.auth_type !== undefined && person.auth_type !== authType) {
      problems.add(line, `"${email}" has another auth_type than in an earlier line`);
    }
    if (authType !== undefined) person.auth_type ??= authType;
    this.#addRoles(person, row, problems);
    this.#checkEnds(row, problems);
    // In a row without a role, `until` is that of the person.
    if (until === undefined) return;
    if (row.roles.length === 0) this.#end(person, row, problems);
    else person.roles = (person.roles ?? []).map((role) => (role.line === line ? { ...role, until } : role));
  };

  #end(person: Draft, { email, until, line }: Row, problems: FileProblems): void {
    if (person.until !== undefined && until !== undefined && person.until.end !== until.end) {
      problems.add(line, `"${email}" ends on ${until.text} here, and on ${person.until.text} in an earlier line`);
    }
    if (until !== undefined) person.until = until;
  }

  /** Which of two ends of a role counts, nobody can say. */
  #checkEnds(row: Row, problems: FileProblems): void {
    const words = ({ until }: Row) => (until === undefined ? 'no end' : `the end ${until.text}`);
    for (const role of row.roles.map(formatRole)) {
      const key = `${foldEmail(row.email)} ${role}`;
      const before = this.#rows.get(key) ?? row;
      this.#rows.set(key, before);
      if (before.until?.end === row.until?.end) continue;
      problems.add(
        row.line,
        `"${row.email}" has ${role} with ${words(row)} here, and with ${words(before)} in line ${before.line}`,
      );
    }
  }

  #addRoles(person: Draft, { line, email, roles, hasNoRole }: Row, problems: FileProblems): void {
    if (hasNoRole !== true && roles.length === 0) return;
    const hadNone = person.roles?.length === 0;
    if ((hasNoRole === true && person.roles !== undefined && !hadNone) || (hasNoRole !== true && hadNone)) {
      problems.add(line, `"${email}" has both "-", for no role at all, and a role`);
    }
    person.roles = (person.roles ?? []).concat(roles.map((role) => ({ line, role: this.#shared(role) })));
  }

  /** One object for each role, which many rows share. */
  #shared(role: Role): Role {
    const text = formatRole(role);
    const known = this.#roles.get(text) ?? role;
    this.#roles.set(text, known);
    return known;
  }
}
