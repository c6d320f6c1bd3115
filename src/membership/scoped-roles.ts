import { type BoundRole, crnOf, decodedCrn, type Role } from '../api/roles.ts';

/** A role and its scope. `ScopedRoles` makes one object for each pair, so that they can be compared by identity. */
export interface ScopedRole extends BoundRole {
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
