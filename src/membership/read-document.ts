import { type EmailRules, emailProblem, externalHint, externalProblem, isDomain } from '../api/email.ts';
import { checkName, parseRole, type Role } from '../api/roles.ts';
import { type DomainOptions, parseUnmistaken, refuseTypo } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import { type Entry, fileKey, kindInWords, type Value } from '../people/document.ts';
import { type FileProblems, inOneLine } from '../people/problems.ts';
import { roleWords } from '../people/roles.ts';
import { authTypeIn } from '../people/rows.ts';
import { type End, endIn } from '../people/values.ts';
import { truncate } from '../text/sanitize.ts';
import { didYouMean } from '../text/suggest.ts';
import { parseDuration } from '../text/times.ts';
import {
  type Desired,
  type DesiredPerson,
  type DesiredRole,
  defaultReinvite,
  type IgnoreRule,
  type Managed,
  managedValues,
} from './desired.ts';

/** `allowedDomains` are the only domains of addresses, beside those that the file names. */
export interface DocumentRules extends EmailRules, DomainOptions {
  /** A role may look like a typing error of a known one. */
  readonly allowUnknownRoles?: boolean;
  /** The document is that of a saved plan, which keeps the team of each role. In a file of people x- keys are free. */
  readonly isSaved?: boolean;
}

/** The key under which a saved plan keeps the team of a role. */
export const teamKey = 'x-team';

/** The key under which a saved plan keeps the scopes in which the file of a team manages the roles of a person. */
export const withinKey = 'x-within';

const topKeys = [
  ...(['$schema', 'version', 'organization', 'managed', 'auth_type', 'reinvite', 'within', 'ignore'] as const),
  ...(['domains', 'teams', 'people'] as const),
] as const;
const personKeys = ['email', 'was', 'roles', 'teams', 'auth_type', 'until', 'note', fileKey, withinKey] as const;
const teamKeys = ['roles', 'until', 'note'] as const;
const roleKeys = ['role', 'scope', 'until', 'note', teamKey, fileKey] as const;

/** The maximum number of roles of all people together, teams included; an organization may have 250,000 bindings. */
const maxRoles = 1_000_000;

/** Reads a YAML or JSON document. A value that is not valid is reported and treated as absent. */
export function readDocument(root: Value, problems: FileProblems, rules: DocumentRules): Desired {
  return new DocumentReader(problems, rules).read(root);
}

class DocumentReader {
  readonly #problems: FileProblems;
  readonly #rules: DocumentRules;
  readonly #teams = new Map<string, readonly DesiredRole[]>();
  /** One object for each text. */
  readonly #roles = new Map<string, Role>();
  #roleCount = 0;

  constructor(problems: FileProblems, rules: DocumentRules) {
    this.#problems = problems;
    this.#rules = rules;
  }

  read(root: Value): Desired {
    const fields = this.#fields(root, topKeys, 'a membership file');
    this.#text(fields.get('$schema'), '$schema');
    this.#checkVersion(fields.get('version'), root.line);
    const organization = this.#text(fields.get('organization'), 'organization');
    const auth_type = this.#parsed(fields.get('auth_type'), 'auth_type', authTypeIn);
    for (const team of this.#entries(fields.get('teams'), 'teams')) this.#addTeam(team);
    const people = this.#people(fields.get('people'), root.line);
    const domains = this.#checkDomains(fields.get('domains'), people);
    return {
      ...{ organization, auth_type, people, domains },
      managed: this.#parsed(fields.get('managed'), 'managed', parseManaged) ?? 'none',
      reinvite: this.#parsed(fields.get('reinvite'), 'reinvite', parseReinvite) ?? defaultReinvite,
      within: this.#within(fields.get('within')),
      ignore: this.#items(fields.get('ignore'), 'ignore').flatMap((item) => this.#ignoreRule(item) ?? []),
    };
  }

  /** The values of the known keys. Keys that begin with `x-` are ignored, other unknown keys are reported. */
  #fields<Key extends string>(value: Value, known: readonly Key[], what: string): ReadonlyMap<Key, Value> {
    const fields = new Map<Key, Value>();
    for (const { key, line, value: inner } of this.#entries(value, what)) {
      if (key.startsWith('x-') && this.#rules.isSaved !== true) continue;
      const name = known.find((one) => one === key);
      if (name !== undefined) fields.set(name, inner);
      else if (!key.startsWith('x-')) this.#problems.add(line, unknownKey(key, known, what));
    }
    return fields;
  }

  #entries(value: Value | undefined, what: string): Iterable<Entry> {
    if (value === undefined) return [];
    if (value.kind === 'map') return value.entries;
    return this.#refuse(value, `${what} is ${kindInWords(value)} here; it is a mapping of keys to values`);
  }

  #items(value: Value | undefined, what: string): readonly Value[] {
    if (value === undefined) return [];
    if (value.kind === 'list') return value.items;
    const none = value.kind === 'scalar' && value.scalar === null ? '; write [] for none' : '';
    return this.#refuse(value, `${what} is ${kindInWords(value)} here; it is a list${none}`);
  }

  #refuse({ line }: { readonly line: number }, words: string): readonly never[] {
    this.#problems.add(line, words);
    return [];
  }

  #text(value: Value | undefined, what: string): string | undefined {
    if (value === undefined) return undefined;
    if (value.kind === 'scalar' && typeof value.scalar === 'string') return value.scalar;
    const isPlain = value.kind === 'scalar' && value.scalar !== null;
    const shown = isPlain ? ` (${value.scalar})` : '';
    const hint = isPlain ? '; write it in quotes if it is meant as text' : '';
    this.#problems.add(value.line, `${what} is ${kindInWords(value)}${shown}, not text${hint}`);
    return undefined;
  }

  /** @param parse Throws a CliError for what is not valid. */
  #parsed<T>(value: Value | undefined, what: string, parse: (text: string) => T): T | undefined {
    const text = this.#text(value, what);
    return text === undefined ? undefined : this.#attempt(value?.line ?? 1, () => parse(text));
  }

  #attempt<T>(line: number, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.#problems.add(line, inOneLine(error));
      return undefined;
    }
  }

  #checkVersion(value: Value | undefined, line: number): void {
    if (value === undefined) this.#problems.add(line, '"version: 1" is missing');
    else if (value.kind !== 'scalar' || value.scalar !== 1)
      this.#problems.add(value.line, 'the version is not 1, the only one that is known');
  }

  /** Every address is of a domain that the file, and the flag or profile, allow. Returns those of the file. */
  #checkDomains(value: Value | undefined, people: readonly DesiredPerson[]): readonly string[] | undefined {
    const named = this.#items(value, 'domains').flatMap((item) => this.#parsed(item, 'a domain', parseDomain) ?? []);
    const own = value === undefined ? undefined : named;
    if (this.#rules.allowExternal === true) return undefined;
    for (const { email, line } of people) {
      const problem = externalProblem(email, this.#rules.allowedDomains) ?? externalProblem(email, own);
      if (problem !== undefined) this.#problems.add(line, `${problem}; ${externalHint}`, { isEmail: true });
    }
    return own;
  }

  /** The scopes of a team's file. */
  #within(value: Value | undefined): readonly Role[] | undefined {
    if (value === undefined) return undefined;
    const within = this.#items(value, 'within').flatMap(
      (item) => this.#parsed(item, 'within', (text) => parseRole(`Operator@${text}`)) ?? [],
    );
    if (within.length === 0) this.#problems.add(value.line, 'within names no scope: [env-abc]');
    return within;
  }

  #ignoreRule(item: Value): IgnoreRule | undefined {
    const { line } = item;
    return this.#parsed(item, 'ignore', (text) => ({ line, text, what: parseIgnored(text, this.#rules) }));
  }

  #addTeam({ key: team, line, value }: Entry): void {
    const fields = this.#fields(value, teamKeys, `the team "${team}"`);
    const until = this.#parsed(fields.get('until'), 'until', parseUntil);
    this.#text(fields.get('note'), 'note');
    const roles = this.#roleList(fields.get('roles')) ?? [];
    if (!fields.has('roles')) this.#problems.add(line, `the team "${team}" has no roles`);
    this.#teams.set(
      team,
      roles.map((role) => ({ ...role, team, until: earlier(until, role.until) })),
    );
  }

  #people(value: Value | undefined, line: number): readonly DesiredPerson[] {
    if (value === undefined) this.#problems.add(line, '"people" is missing');
    if (value?.kind === 'map')
      return this.#refuse(value, 'people is a mapping; it is a list: - { email: ann@example.com, roles: [] }');
    return this.#items(value, 'people').flatMap((item) => this.#person(item) ?? []);
  }

  #person(item: Value): DesiredPerson | undefined {
    const { line } = item;
    if (item.kind === 'scalar') {
      const email = this.#email(item, line);
      return email === undefined ? undefined : { line, email };
    }
    const fields = this.#fields(item, personKeys, 'a person');
    const email = this.#email(fields.get('email'), line);
    const person = {
      line,
      was: fields.has('was') ? this.#email(fields.get('was'), line) : undefined,
      auth_type: this.#parsed(fields.get('auth_type'), 'auth_type', authTypeIn),
      until: this.#parsed(fields.get('until'), 'until', parseUntil),
      note: this.#text(fields.get('note'), 'note'),
      roles: this.#rolesOf(fields, line),
      file: this.#text(fields.get(fileKey), 'file'),
      managedWithin: this.#within(fields.get(withinKey)),
    };
    return email === undefined ? undefined : { ...person, email };
  }

  #email(value: Value | undefined, line: number): string | undefined {
    if (value === undefined) this.#problems.add(line, 'the person has no email');
    const email = this.#text(value, 'email')?.trim();
    const problem = email === undefined ? undefined : emailProblem(email, this.#rules);
    if (problem === undefined) return email;
    this.#problems.add(value?.line ?? line, `"${truncate(email ?? '', 80)}": ${problem}`, { isEmail: true });
    return undefined;
  }

  /** The roles of a person and their teams. Undefined if the person has neither key. */
  #rolesOf(fields: ReadonlyMap<(typeof personKeys)[number], Value>, line: number): readonly DesiredRole[] | undefined {
    // Aliases and teams can make a short file larger than memory.
    if (this.#roleCount > maxRoles) return undefined;
    const own = this.#roleList(fields.get('roles'));
    const teams = new Set(
      this.#items(fields.get('teams'), 'teams').flatMap(
        (item) => this.#parsed(item, 'a team', (name) => this.#team(name)) ?? [],
      ),
    );
    const roles = fields.has('teams')
      ? [...(own ?? []), ...[...teams].flatMap((name) => this.#teams.get(name) ?? [])]
      : own;
    this.#roleCount += roles?.length ?? 0;
    if (this.#roleCount > maxRoles) this.#problems.add(line, `its people have more than ${maxRoles} roles together`);
    return roles;
  }

  #team(name: string): string {
    if (this.#teams.has(name)) return name;
    throw new CliError('usage', `there is no team "${name}"`, { hints: didYouMean(name, [...this.#teams.keys()]) });
  }

  /** Undefined if there is no such key: then the file does not decide about the roles. */
  #roleList(value: Value | undefined): readonly DesiredRole[] | undefined {
    if (value === undefined) return undefined;
    if (value.kind === 'list') return this.#rolesIn(value.items);
    if (value.kind === 'map') return this.#refuse(value, 'roles is a mapping; it is a list of roles');
    if (value.scalar === null || value.scalar === '')
      return this.#refuse(value, 'roles is empty: leave it out to leave the roles alone, or write [] for none at all');
    const words = roleWords(this.#text(value, 'roles') ?? '');
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
    const text = this.#text(item, 'a role');
    if (text === undefined) return undefined;
    const { line } = item;
    const isSplit = before?.includes('=') && !/^(?:[A-Za-z]\w*@|[A-Z]\w*$)/.test(text);
    if (isSplit) {
      const words = `"${text}" is not a role; if it belongs to "${before}" before it, write both in one pair of quotes`;
      this.#problems.add(line, words);
      return undefined;
    }
    const role = this.#role(text, line);
    return role === undefined ? undefined : { line, role };
  }

  #roleOf(item: Value): DesiredRole | undefined {
    const { line } = item;
    const fields = this.#fields(item, roleKeys, 'a role');
    const name = this.#text(fields.get('role'), 'role');
    const scope = this.#text(fields.get('scope'), 'scope');
    const until = this.#parsed(fields.get('until'), 'until', parseUntil);
    const [team, file] = [this.#text(fields.get(teamKey), 'team'), this.#text(fields.get(fileKey), 'file')];
    this.#text(fields.get('note'), 'note');
    if (!fields.has('role')) this.#problems.add(line, 'the role has no name: { role: MetricsViewer }');
    if (name === undefined) return undefined;
    const role = this.#role(scope === undefined ? name : `${name}@${scope}`, line);
    return role === undefined ? undefined : { line, role, until, team, file };
  }

  #role(text: string, line: number): Role | undefined {
    const parse = this.#rules.allowUnknownRoles === true ? parseRole : parseUnmistaken;
    const role = this.#roles.get(text) ?? this.#attempt(line, () => parse(text));
    if (role !== undefined) this.#roles.set(text, role);
    return role;
  }
}

function unknownKey(key: string, known: readonly string[], what: string): string {
  const shown = known.filter((name) => !/^(?:x-|\$)/.test(name));
  const [hint = `known: ${shown.join(', ')}`] = didYouMean(key, shown);
  return `"${key}" is not a key of ${what}; ${hint}`;
}

/** The roles of a team end with it at the latest. */
function earlier(team: End | undefined, role: End | undefined): End | undefined {
  return team === undefined || (role !== undefined && role.end < team.end) ? role : team;
}

function parseManaged(text: string): Managed {
  const known = managedValues.find((one) => one === text);
  if (known !== undefined) return known;
  throw new CliError('usage', `"${text}" is not a value for managed; it is none, roles or people`);
}

function parseReinvite(text: string): number {
  return text === 'never' ? 0 : parseDuration(text);
}

function parseDomain(text: string): string {
  if (isDomain(text)) return text;
  throw new CliError('usage', `"${text}" is not a domain`);
}

/** Parses `2027-01-31`, through that day in UTC, or an RFC 3339 time. A table may name its days in other ways, too. */
function parseUntil(text: string): End {
  const isDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/i.test(text);
  const until = isDate ? endIn(text.toUpperCase()) : undefined;
  if (typeof until === 'object') return { text, end: until.end };
  throw new CliError('usage', `"${text}" is not a date`, {
    hints: ['write it as 2027-01-31 or 2027-01-31T18:00:00Z'],
  });
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
  if (!rules.allowUnknownRoles) refuseTypo(text);
  return { kind: 'role_name', value: text };
}
