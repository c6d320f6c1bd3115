import { type EmailRules, emailProblem, externalHint, externalProblem, isDomain } from '../api/email.ts';
import { checkName, parseRole, type Role } from '../api/roles.ts';
import { type DomainOptions, parseUnmistaken, refuseTypo } from '../cli/invite-options.ts';
import { CliError } from '../errors.ts';
import { type Entry, kindInWords, type Value } from '../people/document.ts';
import { type FileProblems, inOneLine } from '../people/problems.ts';
import { roleWords } from '../people/roles.ts';
import { authTypeIn, notAuthType } from '../people/rows.ts';
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

/** The key under which a saved plan keeps the line of the reviewed file that a value came from. */
export const lineKey = 'x-line';

/** The key under which a saved plan keeps the file that a value came from, where there were several. */
export const fileKey = 'x-file';

/** The key under which a saved plan keeps the team of a role. */
export const teamKey = 'x-team';

/** The key under which a saved plan keeps the scopes in which the file of a team manages the roles of a person. */
export const withinKey = 'x-within';

/** The maximum number of roles of all people together, teams included; an organization may have 250,000 bindings. */
const maxRoles = 1_000_000;

/** Reads a YAML or JSON document. A value that is not valid is reported and treated as absent. */
export function readDocument(root: Value, problems: FileProblems, rules: DocumentRules): Desired {
  return new DocumentReader(problems, rules).read(root);
}

/** Reads the value of a key. Throws a CliError if it is not valid. */
type Reader<T> = (value: Value, key: string) => T;
type Readers = Readonly<Record<string, Reader<unknown>>>;

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
    const found = this.#fields(root, 'a membership file', {
      $schema: asText,
      version: checkVersion,
      organization: asText,
      managed: parsed(parseManaged),
      auth_type: asAuthType,
      reinvite: parsed((text) => (text === 'never' ? 0 : parseDuration(text))),
      within: this.#scopes,
      ignore: this.#list(this.#ignoreRule),
      domains: this.#domains,
      // In this order: people have teams.
      teams: (value, key) => entriesOf(value, key).forEach(this.#addTeam),
      people: this.#list(this.#person),
    });
    this.#require(found, 'version', root.line, '"version: 1" is missing');
    this.#require(found, 'people', root.line, '"people" is missing');
    const { managed = 'none', reinvite = defaultReinvite, ignore = [], people = [] } = found;
    const { organization, auth_type, within } = found;
    const domains = this.#checkDomains(people, found.domains);
    return { organization, managed, auth_type, reinvite, within, ignore, domains, people };
  }

  /**
   * What a mapping has for each key that has a reader. Keys that begin with `x-` are read in saved plans alone; other
   * unknown keys are reported.
   */
  #fields<R extends Readers>(value: Value, what: string, readers: R) {
    const entries = new Map((this.#attempt(value, what, entriesOf) ?? []).map((entry) => [entry.key, entry]));
    const known = Object.keys(readers);
    for (const { key, line } of entries.values())
      if (!key.startsWith('x-') && !known.includes(key)) this.#problems.add(line, unknownKey(key, known, what));
    const found: Record<string, unknown> = {};
    for (const [key, read] of Object.entries(readers)) {
      const entry = this.#rules.isSaved === true || !key.startsWith('x-') ? entries.get(key) : undefined;
      if (entry !== undefined) found[key] = this.#attempt(entry.value, key, read);
    }
    return found as { readonly [Key in keyof R]?: ReturnType<R[Key]> };
  }

  #require(found: object, key: string, line: number, words: string): void {
    if (!Object.hasOwn(found, key)) this.#problems.add(line, words);
  }

  /** Undefined for what is not valid, which is reported. */
  #attempt<T>(value: Value, key: string, read: Reader<T>): T | undefined {
    try {
      return read(value, key);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.#problems.add(value.line, inOneLine(error), { isEmail: error.code === 'invalid_email' });
      return undefined;
    }
  }

  #list<T>(read: Reader<T | undefined>): Reader<readonly T[]> {
    return (value, key) => {
      const items = itemsOf(value, key).map((item) => this.#attempt(item, `an item of ${key}`, read));
      return items.filter((item) => item !== undefined);
    };
  }

  /** Every address is of a domain that the file, and the flag or profile, allow. Returns those of the file. */
  #checkDomains(people: readonly DesiredPerson[], own: readonly string[] | undefined) {
    if (this.#rules.allowExternal === true) return undefined;
    for (const { email, line } of people) {
      const problem = externalProblem(email, this.#rules.allowedDomains) ?? externalProblem(email, own);
      if (problem !== undefined) this.#problems.add(line, `${problem}; ${externalHint}`, { isEmail: true });
    }
    return own;
  }

  /** Those of a team's file. */
  readonly #scopes: Reader<readonly Role[]> = (value, key) => {
    const scopes = this.#list(asScope)(value, key);
    if (scopes.length > 0) return scopes;
    throw new CliError('usage', 'within names no scope: [env-abc]');
  };

  /** Undefined if one of them is not valid: then nobody is said to be of another domain. */
  readonly #domains: Reader<readonly string[] | undefined> = (value, key) => {
    const { length } = isNone(value) ? [] : itemsOf(value, key);
    if (length === 0) throw new CliError('usage', 'domains is empty: leave it out to allow every domain');
    const domains = this.#list(parsed(parseDomain))(value, key);
    return domains.length === length ? domains : undefined;
  };

  readonly #ignoreRule: Reader<IgnoreRule> = (item, key) => {
    const text = asText(item, key);
    return { line: item.line, text, what: parseIgnored(text, this.#rules) };
  };

  readonly #addTeam = ({ key: team, line, value }: Entry): void => {
    const found = this.#fields(value, `the team "${team}"`, { roles: this.#roleList, until: asUntil, note: asText });
    this.#require(found, 'roles', line, `the team "${team}" has no roles`);
    const { roles = [], until } = found;
    this.#teams.set(
      team,
      roles.map((role) => ({ ...role, team, until: earlier(until, role.until) })),
    );
  };

  readonly #person: Reader<DesiredPerson | undefined> = (item) => {
    if (item.kind === 'scalar') return { line: item.line, email: this.#email(item, 'email') };
    // Aliases and teams can make a short file larger than memory.
    if (this.#roleCount > maxRoles) return undefined;
    const found = this.#fields(item, 'a person', {
      email: this.#email,
      was: this.#email,
      roles: this.#roleList,
      teams: this.#list(this.#team),
      auth_type: asAuthType,
      until: asUntil,
      note: asText,
      [lineKey]: asLine,
      [fileKey]: asText,
      [withinKey]: this.#list(asScope),
    });
    const { email, was, auth_type, until, note, [fileKey]: file, [withinKey]: managedWithin } = found;
    const { [lineKey]: line = item.line } = found;
    this.#require(found, 'email', line, 'the person has no email');
    const roles = found.teams === undefined ? found.roles : [...(found.roles ?? []), ...new Set(found.teams)].flat();
    this.#roleCount += roles?.length ?? 0;
    if (this.#roleCount > maxRoles) this.#problems.add(line, `its people have more than ${maxRoles} roles together`);
    return email === undefined ? undefined : { line, file, email, was, auth_type, until, note, roles, managedWithin };
  };

  readonly #email: Reader<string> = (value, key) => {
    const email = asText(value, key).trim();
    const problem = emailProblem(email, this.#rules);
    if (problem === undefined) return email;
    throw new CliError('invalid_email', `"${truncate(email, 80)}": ${problem}`);
  };

  readonly #team: Reader<readonly DesiredRole[]> = (value, key) => {
    const name = asText(value, key);
    const roles = this.#teams.get(name);
    if (roles !== undefined) return roles;
    throw new CliError('usage', `there is no team "${name}"`, { hints: didYouMean(name, [...this.#teams.keys()]) });
  };

  readonly #roleList: Reader<readonly DesiredRole[]> = (value, key) => {
    const items = roleItems(value, key);
    return items.flatMap((item, index) => {
      const read = item.kind === 'map' ? this.#roleOf : this.#roleAfter(items[index - 1]);
      return this.#attempt(item, 'a role', read) ?? [];
    });
  };

  /** @param before The previous item of the list. A comma inside a scope splits it in two; the problem shows both. */
  #roleAfter(before: Value | undefined): Reader<DesiredRole> {
    const other = before?.kind === 'scalar' ? String(before.scalar) : '';
    return (item, key) => {
      const text = asText(item, key);
      const isRole = !other.includes('=') || /^(?:[A-Za-z]\w*@|[A-Z]\w*$)/.test(text);
      if (isRole) return { line: item.line, role: this.#role(text) };
      const both = `if it belongs to "${other}" before it, write both in one pair of quotes`;
      throw new CliError('usage', `"${text}" is not a role; ${both}`);
    };
  }

  readonly #roleOf: Reader<DesiredRole | undefined> = (item, key) => {
    const found = this.#fields(item, key, {
      role: asText,
      scope: asText,
      until: asUntil,
      note: asText,
      [teamKey]: asText,
      [lineKey]: asLine,
      [fileKey]: asText,
    });
    this.#require(found, 'role', item.line, 'the role has no name: { role: MetricsViewer }');
    const { role, scope, until, [teamKey]: team, [lineKey]: line = item.line, [fileKey]: file } = found;
    if (role === undefined) return undefined;
    return { line, role: this.#role(scope === undefined ? role : `${role}@${scope}`), until, team, file };
  };

  #role(text: string): Role {
    const parse = this.#rules.allowUnknownRoles === true ? parseRole : parseUnmistaken;
    const role = this.#roles.get(text) ?? parse(text);
    this.#roles.set(text, role);
    return role;
  }
}

function wrongKind(value: Value, what: string, wanted: string): CliError {
  return new CliError('usage', `${what} is ${kindInWords(value)} here; it is ${wanted}`);
}

function entriesOf(value: Value, what: string): readonly Entry[] {
  if (value.kind === 'map') return value.entries;
  throw wrongKind(value, what, 'a mapping of keys to values');
}

function itemsOf(value: Value, what: string): readonly Value[] {
  if (value.kind === 'list') return value.items;
  const example = what === 'people' ? ': - { email: ann@example.com, roles: [] }' : '';
  throw wrongKind(value, what, `a list${isNone(value) ? '; write [] for none' : example}`);
}

function isNone(value: Value): boolean {
  return value.kind === 'scalar' && value.scalar === null;
}

/** A list of roles, or a text as a cell of a table has it. */
function roleItems(value: Value, key: string): readonly Value[] {
  if (value.kind !== 'scalar') return itemsOf(value, key);
  const { line, scalar } = value;
  const words = 'roles is empty: leave it out to leave the roles alone, or write [] for none at all';
  if (scalar === null) throw new CliError('usage', words);
  const found = roleWords(asText(value, key));
  if (found.length === 0) throw new CliError('usage', words);
  return found.map((word) => ({ kind: 'scalar', line, scalar: word }));
}

function asText(value: Value, what: string): string {
  if (value.kind === 'scalar' && typeof value.scalar === 'string') return value.scalar;
  const isPlain = value.kind === 'scalar' && value.scalar !== null;
  const shown = isPlain ? ` (${value.scalar})` : '';
  const hint = isPlain ? '; write it in quotes if it is meant as text' : '';
  throw new CliError('usage', `${what} is ${kindInWords(value)}${shown}, not text${hint}`);
}

function asLine(value: Value): number | undefined {
  return value.kind === 'scalar' && typeof value.scalar === 'number' ? value.scalar : undefined;
}

/** Of a number that should be a date, the forms of a date are more help than quotes. */
function parsed<T>(parse: (text: string) => T): Reader<T> {
  return (value, key) => {
    if (value.kind === 'scalar' && ['number', 'boolean'].includes(typeof value.scalar)) parse(String(value.scalar));
    return parse(asText(value, key));
  };
}

const asUntil = parsed(parseUntil);

const asScope = parsed((text) => parseRole(`Operator@${text}`));

/** What a table has of somebody who signs in in another way is nothing that a file can ask for. */
const asAuthType = parsed((text) => {
  const type = authTypeIn(text);
  if (type !== undefined || text.trim() === '') return type;
  throw notAuthType(text);
});

function checkVersion(value: Value): void {
  if (value.kind === 'scalar' && value.scalar === 1) return;
  throw new CliError('usage', 'the version is not 1, the only one that is known');
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
  if (text.startsWith('u-') && !text.includes('@')) return { kind: 'user', value: text };
  if (text.startsWith('*@') && emailProblem(`a${text.slice(1)}`, rules) === undefined) {
    return { kind: 'domain', value: text.slice(2) };
  }
  if (text.includes('@') && emailProblem(text, rules) === undefined) return { kind: 'email', value: text };
  if (text.includes('@')) return { kind: 'role', value: parseRole(text) };
  checkName(text);
  if (!rules.allowUnknownRoles) refuseTypo(text);
  return { kind: 'role_name', value: text };
}
