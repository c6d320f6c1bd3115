import type { EmailRules } from '../api/email.ts';
import { knownRoles, parseRole, type Role } from '../api/roles.ts';
import { parseUnmistaken } from '../cli/role-names.ts';
import { fileKey, type Value } from '../people/document.ts';
import type { FileProblems } from '../people/problems.ts';
import { roleWords } from '../people/row.ts';
import type { DesiredRole } from './desired.ts';
import { Fields } from './fields.ts';

/** The key under which a saved plan keeps the team of a role. */
export const teamKey = 'x-team';

/** The key under which a saved plan keeps the scopes in which the file of a team manages the roles of a person. */
export const withinKey = 'x-within';

const roleKeys = ['role', 'scope', 'until', 'note', teamKey, fileKey] as const;

export interface DocumentRules extends EmailRules {
  /** `--allow-unknown-roles`: a role may look like a typing error of a known one. */
  /** The only domains of addresses, beside those that the file names. */
  readonly allowedDomains?: readonly string[] | undefined;
  /** Admits all domains, whatever the file says. */
  readonly allowExternal?: boolean;
  readonly allowTypos?: boolean;
  /** The document is that of a saved plan, which keeps the team of each role. In a file of people x- keys are free. */
  readonly isSaved?: boolean;
}

/** Reads the roles of people and of teams. */
export class RoleReader {
  readonly #parse: (text: string) => Role;
  readonly #isSaved: boolean;
  readonly #problems: FileProblems;
  readonly #fields: Fields;
  /** One object for each text. */
  readonly #known = new Map<string, Role>();

  constructor(problems: FileProblems, { allowTypos = false, isSaved = false }: DocumentRules) {
    this.#problems = problems;
    this.#isSaved = isSaved;
    this.#parse = allowTypos ? parseRole : parseUnmistaken;
    this.#fields = new Fields(problems);
  }

  /** Undefined if there is no such key: then the file does not decide about the roles. */
  list(value: Value | undefined): readonly DesiredRole[] | undefined {
    if (value === undefined) return undefined;
    if (value.kind === 'map') {
      this.#problems.add(value.line, 'roles is a mapping; it is a list of roles');
      return [];
    }
    if (value.kind === 'list') return this.#rolesIn(value.items());
    if (value.scalar === null || value.scalar === '') {
      this.#problems.add(
        value.line,
        'roles is empty: leave it out to leave the roles alone, or write [] for none at all',
      );
      return [];
    }
    const words = roleWords(this.#fields.text(value, 'roles') ?? '');
    return this.#rolesIn(words.map((scalar) => ({ kind: 'scalar', line: value.line, scalar })));
  }

  #rolesIn(items: Iterable<Value>): DesiredRole[] {
    const roles: DesiredRole[] = [];
    let before: string | undefined;
    for (const item of items) {
      const role = item.kind === 'map' ? this.#roleOf(item) : this.#roleNamed(item, before);
      if (role !== undefined) roles.push(role);
      before = item.kind === 'scalar' && typeof item.scalar === 'string' ? item.scalar : undefined;
    }
    return roles;
  }

  /** @param before The previous text in the list. A comma inside a scope splits it in two; the problem shows both. */
  #roleNamed(item: Value, before: string | undefined): DesiredRole | undefined {
    const text = this.#fields.text(item, 'a role');
    if (text === undefined) return undefined;
    const { line } = item;
    const isSplit = before?.includes('=') && !knownRoles.some((name) => text.startsWith(name));
    if (isSplit) {
      this.#problems.add(
        line,
        `"${text}" is not a role; if it belongs to "${before}" before it, write both in one pair of quotes`,
      );
      return undefined;
    }
    const role = this.#parsed(text, line);
    return role === undefined ? undefined : { line, role };
  }

  #roleOf(item: Value): DesiredRole | undefined {
    const fields = this.#fields.of(item, roleKeys, 'a role');
    const name = this.#fields.text(fields.get('role'), 'role');
    const scope = this.#fields.text(fields.get('scope'), 'scope');
    const until = this.#fields.until(fields.get('until'));
    const team = this.#isSaved ? this.#fields.text(fields.get(teamKey), 'team') : undefined;
    const file = this.#isSaved ? this.#fields.text(fields.get(fileKey), 'file') : undefined;
    this.#fields.text(fields.get('note'), 'note');
    if (!fields.has('role')) this.#problems.add(item.line, 'the role has no name: { role: MetricsViewer }');
    if (name === undefined) return undefined;
    const role = this.#parsed(scope === undefined ? name : `${name}@${scope}`, item.line);
    if (role === undefined) return undefined;
    return {
      line: item.line,
      role,
      ...(until === undefined ? {} : { until }),
      ...(team === undefined ? {} : { team }),
      ...(file === undefined ? {} : { file }),
    };
  }

  #parsed(text: string, line: number): Role | undefined {
    const role = this.#known.get(text) ?? this.#fields.attempt(line, () => this.#parse(text));
    if (role !== undefined) this.#known.set(text, role);
    return role;
  }
}
