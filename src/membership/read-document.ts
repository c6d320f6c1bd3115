import { externalHint, externalProblem, isDomain } from '../api/domains.ts';
import { emailProblem } from '../api/email.ts';
import { checkName, parseRole, type Role } from '../api/roles.ts';
import { refuseTypo } from '../cli/role-names.ts';
import { fileKey, type Value } from '../people/document.ts';
import type { FileProblems } from '../people/problems.ts';
import { parseDuration } from '../text/durations.ts';
import { truncate } from '../text/sanitize.ts';
import { didYouMean } from '../text/suggest.ts';
import {
  type Desired,
  type DesiredPerson,
  type DesiredRole,
  defaultReinvite,
  type IgnoreRule,
  type Managed,
  managedValues,
  type Until,
} from './desired.ts';
import { Fields } from './fields.ts';
import { type DocumentRules, RoleReader, withinKey } from './read-roles.ts';

const topKeys = [
  '$schema',
  'version',
  'organization',
  'managed',
  'auth_type',
  'reinvite',
  'within',
  'ignore',
  'domains',
  'teams',
  'people',
] as const;
const personKeys = ['email', 'was', 'roles', 'teams', 'auth_type', 'until', 'note', fileKey, withinKey] as const;
const teamKeys = ['roles', 'until', 'note'] as const;

/** The maximum number of roles of all people together, teams included; an organization may have 250,000 bindings. */
const maxRoles = 1_000_000;

/** Reads a YAML or JSON document, and reports every problem in it. */
export function readDocument(root: Value, problems: FileProblems, rules: DocumentRules): Desired {
  return new DocumentReader(problems, rules).read(root);
}

class DocumentReader {
  readonly #problems: FileProblems;
  readonly #fields: Fields;
  readonly #rules: DocumentRules;
  readonly #teams = new Map<string, readonly DesiredRole[]>();
  readonly #roles: RoleReader;
  #roleCount = 0;

  constructor(problems: FileProblems, rules: DocumentRules) {
    this.#problems = problems;
    this.#fields = new Fields(problems);
    this.#roles = new RoleReader(problems, rules);
    this.#rules = rules;
  }

  read(root: Value): Desired {
    const fields = this.#fields.of(root, topKeys, 'a membership file');
    this.#fields.text(fields.get('$schema'), '$schema');
    this.#checkVersion(fields.get('version'), root.line);
    const organization = this.#fields.text(fields.get('organization'), 'organization');
    const auth_type = this.#fields.authType(fields.get('auth_type'));
    for (const { key, line, value } of this.#fields.entries(fields.get('teams'), 'teams'))
      this.#addTeam(key, line, value);
    const people = this.#people(fields.get('people'), root.line);
    const domains = this.#checkDomains(fields.get('domains'), people);
    return {
      managed: this.#managed(fields.get('managed')),
      reinvite: this.#reinvite(fields.get('reinvite')),
      ...this.#within(fields.get('within')),
      ignore: this.#fields.items(fields.get('ignore'), 'ignore').flatMap((item) => this.#ignoreRule(item) ?? []),
      people,
      ...(domains === undefined ? {} : { domains }),
      ...(organization === undefined ? {} : { organization }),
      ...(auth_type === undefined ? {} : { auth_type }),
    };
  }

  /** Every address is of a domain that the file, and the flag or profile, allow. Returns those of the file. */
  #checkDomains(value: Value | undefined, people: readonly DesiredPerson[]): readonly string[] | undefined {
    const own = this.#fields.items(value, 'domains').flatMap((item) => this.#domain(item) ?? []);
    const { allowExternal = false, allowedDomains } = this.#rules;
    if (allowExternal) return undefined;
    for (const { email, line } of people) {
      const problem =
        externalProblem(email, allowedDomains) ?? externalProblem(email, value === undefined ? undefined : own);
      if (problem !== undefined) this.#problems.add(line, `${problem}; ${externalHint}`, 'email');
    }
    return value === undefined ? undefined : own;
  }

  #domain(item: Value): string | undefined {
    const text = this.#fields.text(item, 'a domain');
    if (text === undefined || isDomain(text)) return text;
    this.#problems.add(item.line, `"${text}" is not a domain`);
    return undefined;
  }

  #checkVersion(value: Value | undefined, line: number): void {
    if (value === undefined) this.#problems.add(line, '"version: 1" is missing');
    else if (value.kind !== 'scalar' || value.scalar !== 1)
      this.#problems.add(value.line, 'the version is not 1, the only one that is known');
  }

  #managed(value: Value | undefined): Managed {
    const text = this.#fields.text(value, 'managed');
    const known = managedValues.find((one) => one === text);
    if (text !== undefined && known === undefined) {
      this.#problems.add(value?.line ?? 1, `"${text}" is not a value for managed; it is none, roles or people`);
    }
    return known ?? 'none';
  }

  #reinvite(value: Value | undefined): number {
    const text = this.#fields.text(value, 'reinvite');
    if (text === undefined) return defaultReinvite;
    if (text === 'never') return 0;
    return this.#fields.attempt(value?.line ?? 1, () => parseDuration(text)) ?? defaultReinvite;
  }

  /** The scopes of a team's file. */
  #within(value: Value | undefined): { readonly within?: readonly Role[] } {
    if (value === undefined) return {};
    const within = this.#fields.items(value, 'within').flatMap((item) => {
      const text = this.#fields.text(item, 'within');
      return this.#fields.attempt(item.line, () => parseRole(`Operator@${text}`)) ?? [];
    });
    if (within.length === 0) this.#problems.add(value.line, 'within names no scope: [env-abc]');
    return { within };
  }

  #addTeam(name: string, line: number, value: Value): void {
    const fields = this.#fields.of(value, teamKeys, `the team "${name}"`);
    const until = this.#fields.until(fields.get('until'));
    this.#fields.text(fields.get('note'), 'note');
    const roles = this.#roles.list(fields.get('roles')) ?? [];
    if (!fields.has('roles')) this.#problems.add(line, `the team "${name}" has no roles`);
    this.#teams.set(
      name,
      roles.map((role) => ({ ...role, team: name, ...earlier(until, role.until) })),
    );
  }

  #people(value: Value | undefined, line: number): DesiredPerson[] {
    if (value === undefined) this.#problems.add(line, '"people" is missing');
    if (value?.kind === 'map') {
      this.#problems.add(value.line, 'people is a mapping; it is a list: - { email: ann@example.com, roles: [] }');
      return [];
    }
    return this.#fields.items(value, 'people').flatMap((item) => this.#person(item) ?? []);
  }

  #person(item: Value): DesiredPerson | undefined {
    const { line } = item;
    if (item.kind === 'scalar') {
      const email = this.#email(item, line);
      return email === undefined ? undefined : { line, email };
    }
    const fields = this.#fields.of(item, personKeys, 'a person');
    const email = this.#email(fields.get('email'), line);
    const was = fields.has('was') ? this.#email(fields.get('was'), line) : undefined;
    const auth_type = this.#fields.authType(fields.get('auth_type'));
    const until = this.#fields.until(fields.get('until'));
    const note = this.#fields.text(fields.get('note'), 'note');
    const roles = this.#roleCount > maxRoles ? undefined : this.#rolesOf(fields);
    this.#count(roles?.length ?? 0, line);
    if (email === undefined) return undefined;
    return {
      ...(this.#rules.isSaved === true ? this.#saved(fields) : {}),
      line,
      email,
      ...(was === undefined ? {} : { was }),
      ...(auth_type === undefined ? {} : { auth_type }),
      ...(until === undefined ? {} : { until }),
      ...(note === undefined ? {} : { note }),
      ...(roles === undefined ? {} : { roles }),
    };
  }

  /** What a saved plan keeps of a person beside what a file may say. */
  #saved(fields: ReadonlyMap<(typeof personKeys)[number], Value>) {
    const file = this.#fields.text(fields.get(fileKey), 'file');
    const { within: managedWithin } = this.#within(fields.get(withinKey));
    return { ...(file === undefined ? {} : { file }), ...(managedWithin === undefined ? {} : { managedWithin }) };
  }

  /** Aliases and teams can make a short file larger than memory. */
  #count(roles: number, line: number): void {
    const before = this.#roleCount;
    this.#roleCount += roles;
    if (before > maxRoles || this.#roleCount <= maxRoles) return;
    this.#problems.add(line, `its people have more than ${maxRoles} roles together`);
  }

  #email(value: Value | undefined, line: number): string | undefined {
    if (value === undefined) this.#problems.add(line, 'the person has no email');
    const email = this.#fields.text(value, 'email')?.trim();
    const problem = email === undefined ? undefined : emailProblem(email, this.#rules);
    if (problem === undefined) return email;
    this.#problems.add(value?.line ?? line, `"${truncate(email ?? '', 80)}": ${problem}`, 'email');
    return undefined;
  }

  /** The roles of a person and their teams. Undefined if the person has neither key. */
  #rolesOf(fields: ReadonlyMap<(typeof personKeys)[number], Value>): readonly DesiredRole[] | undefined {
    const own = this.#roles.list(fields.get('roles'));
    if (!fields.has('teams')) return own;
    const teams = new Set(this.#fields.items(fields.get('teams'), 'teams').map((item) => this.#team(item)));
    return [...(own ?? []), ...[...teams].flat()];
  }

  #team(item: Value): readonly DesiredRole[] {
    const name = this.#fields.text(item, 'a team');
    if (name === undefined) return [];
    const roles = this.#teams.get(name);
    if (roles !== undefined) return roles;
    const parts = [`there is no team "${name}"`, ...didYouMean(name, [...this.#teams.keys()])];
    this.#problems.add(item.line, parts.join('; '));
    return [];
  }

  #ignoreRule(item: Value): IgnoreRule | undefined {
    const text = this.#fields.text(item, 'ignore');
    if (text === undefined) return undefined;
    const { line } = item;
    const what = this.#fields.attempt(line, () => parseIgnored(text, this.#rules));
    return what === undefined ? undefined : { line, text, what };
  }
}

/** The roles of a team end with it at the latest. */
function earlier(team: Until | undefined, role: Until | undefined): { until?: Until } {
  if (team === undefined) return {};
  return { until: role !== undefined && role.end < team.end ? role : team };
}

/** Parses `bob@x.com`, `*@x.com`, `u-…`, `Role` (at any scope), `Role@scope`. Throws `usage` on anything else. */
function parseIgnored(text: string, rules: DocumentRules): IgnoreRule['what'] {
  if (text.startsWith('u-')) return { kind: 'user', value: text };
  if (text.startsWith('*@') && emailProblem(`a${text.slice(1)}`, rules) === undefined) {
    return { kind: 'domain', value: text.slice(2) };
  }
  if (text.includes('@') && emailProblem(text, rules) === undefined) return { kind: 'email', value: text };
  if (text.includes('@')) return { kind: 'role', value: parseRole(text) };
  checkName(text);
  if (!rules.allowTypos) refuseTypo(text);
  return { kind: 'role_name', value: text };
}
