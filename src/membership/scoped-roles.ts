import {
  crnOf,
  decodedCrn,
  formatRole,
  isTypo,
  organizationCrn,
  parseRole,
  type Role,
  shortPlace,
} from '../api/roles.ts';
import type { WantedRole } from '../mail/change.ts';
import { lazyPattern } from '../text/sanitize.ts';

/** A role and its scope. `ScopedRoles` makes one object for each pair, so that they can be compared by identity. */
export interface ScopedRole {
  readonly role_name: string;
  /** As first typed or received; sent in requests. */
  readonly crn_pattern: string;
  /** Percent-decoded, since the API may return `%3A` for `:`; shown to people and compared by plans. */
  readonly crn: string;
}

/** The scoped roles of an organization: tens of thousands of bindings have a few thousand of them. */
export class ScopedRoles {
  readonly #known = new Map<string, ScopedRole>();
  /** By the role of a file, which many people share. */
  readonly #byRole = new Map<Role, ScopedRole>();

  of(role_name: string, crn_pattern: string): ScopedRole {
    const crn = decodedCrn(crn_pattern);
    const key = `${role_name} ${crn}`;
    const role = this.#known.get(key) ?? { role_name, crn_pattern, crn };
    this.#known.set(key, role);
    return role;
  }

  /** @param organization Must be the same in each call. */
  ofRole(role: Role, organization: string): ScopedRole {
    const known = this.#byRole.get(role) ?? this.of(role.role_name, crnOf(role, organization));
    this.#byRole.set(role, known);
    return known;
  }
}

/**
 * The role as a file has it, in the short form `EnvironmentAdmin@env-abc` if possible. Undefined if a file cannot
 * name it, such as a role whose name looks like a misspelled known one.
 */
export function asTyped(role: ScopedRole, organization: string): string | undefined {
  const candidates = [undefined, shortScope(role.crn, organization), encodedCrn(role.crn)];
  for (const scope of candidates) {
    const read = readBack(scope === undefined ? role.role_name : `${role.role_name}@${scope}`);
    if (read?.role_name === role.role_name && decodedCrn(crnOf(read, organization)) === role.crn)
      return formatRole(read);
  }
  return undefined;
}

/** For the requests and the results of changes. */
export function wantedRole(role: ScopedRole, organization: string): WantedRole {
  const { role_name, crn_pattern } = role;
  return { typed: asTyped(role, organization) ?? role_name, role_name, crn_pattern };
}

function readBack(text: string): Role | undefined {
  try {
    const role = parseRole(text);
    return isTypo(role.role_name) ? undefined : role;
  } catch {
    return undefined;
  }
}

function shortScope(crn: string, organization: string): string | undefined {
  const root = `${organizationCrn(organization)}/`;
  if (!crn.startsWith(root)) return undefined;
  return shortPlace(crn.slice(root.length));
}

/** Percent-encodes the characters that a scope in a file must not contain. */
function encodedCrn(crn: string): string {
  return crn.replace(loneSurrogate(), '\ufffd').replace(unwritable(), encodeURIComponent);
}

const loneSurrogate = lazyPattern(String.raw`\p{Cs}`, 'gu');
const unwritable = lazyPattern(String.raw`[%\s\p{C}]`, 'gu');
