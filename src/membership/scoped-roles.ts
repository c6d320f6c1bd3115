import { crnOf } from '../confluent/crn.ts';
import { parseRole, type Role } from '../confluent/roles.ts';
import { lazyPattern } from '../text/sanitize.ts';

/** A role on what it reaches. There is one object for each pair, so that two are equal if they are the same. */
export interface ScopedRole {
  readonly role_name: string;
  /** As it was first typed or seen; it goes into requests. */
  readonly crn_pattern: string;
  /** Percent-decoded: the API may write `%3A` where a file has `:`. It is what people see and plans compare. */
  readonly crn: string;
}

/** The scoped roles of an organization: tens of thousands of bindings share a few thousand. */
export class ScopedRoles {
  readonly #byText = new Map<string, Map<string, ScopedRole>>();
  /** The people of a file share what they are to have. */
  readonly #byRole = new Map<Role, ScopedRole>();

  of(role_name: string, crn_pattern: string): ScopedRole {
    const crn = decodeCrn(crn_pattern);
    const roles = this.#byText.get(crn) ?? new Map<string, ScopedRole>();
    if (roles.size === 0) this.#byText.set(crn, roles);
    const role = roles.get(role_name) ?? { role_name, crn_pattern, crn };
    roles.set(role_name, role);
    return role;
  }

  /** @param organization The same one each time. */
  ofRole(role: Role, organization: string): ScopedRole {
    const known = this.#byRole.get(role) ?? this.of(role.role_name, crnOf(role, organization));
    this.#byRole.set(role, known);
    return known;
  }
}

/** Decoded once; what is no UTF-8 stays as it is. */
export function decodeCrn(crn: string): string {
  if (!crn.includes('%')) return crn;
  return crn.replace(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
}

/**
 * The role as a file has it, `EnvironmentAdmin@env-abc` where the short form says the same. Undefined for one that
 * no file can name, such as a role that reads like a slip of a known one.
 */
export function asTyped(role: ScopedRole, organization: string): Role | undefined {
  const candidates = [undefined, shortScope(role.crn, organization), encodedCrn(role.crn)];
  for (const scope of candidates) {
    const read = readBack(scope === undefined ? role.role_name : `${role.role_name}@${scope}`);
    if (read?.role_name === role.role_name && decodeCrn(crnOf(read, organization)) === role.crn) return read;
  }
  return undefined;
}

function readBack(text: string): Role | undefined {
  try {
    return parseRole(text);
  } catch {
    return undefined;
  }
}

const short =
  /^environment=([^/]+)(?:\/(?:cloud-cluster|schema-registry|ksql)=([^/]+)(?:\/kafka=[^/]+)?(?:\/([^/]+))?)?$/;

function shortScope(crn: string, organization: string): string | undefined {
  const root = `crn://confluent.cloud/organization=${organization}/`;
  if (!crn.startsWith(root)) return undefined;
  const found = short.exec(crn.slice(root.length));
  return found === null
    ? undefined
    : found
        .slice(1)
        .filter((part) => part !== undefined)
        .join('/');
}

/** Characters that a scope in a file may not hold are written as the API writes them. */
function encodedCrn(crn: string): string {
  return crn.replace(loneSurrogate(), '\ufffd').replace(unwritable(), encodeURIComponent);
}

const loneSurrogate = lazyPattern(String.raw`\p{Cs}`, 'gu');
const unwritable = lazyPattern(String.raw`[%\s\p{C}]`, 'gu');
