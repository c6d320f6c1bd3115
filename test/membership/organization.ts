import type { Invitation } from '../../src/api/invitation.ts';
import type { ListedBinding } from '../../src/api/role-bindings.ts';
import type { User } from '../../src/api/users.ts';
import { decide } from '../../src/membership/decide.ts';
import type { ApiKeys, DecisionInput } from '../../src/membership/decide-person.ts';
import type { Desired } from '../../src/membership/desired.ts';
import { type PeopleOptions, readMembership } from '../../src/membership/file.ts';
import { asInvited, Bindings, join, type Observed } from '../../src/membership/observed.ts';
import { isDrift, type Plan, type Row } from '../../src/membership/plan.ts';

export const id = '1111aaaa-11aa-11aa-11aa-111111aaaaaa';
export const root = `crn://confluent.cloud/organization=${id}`;
export const now = Date.parse('2026-11-25T12:00:00Z');
const day = 86_400_000;

/** An organization that can be observed, as far as plans are concerned. */
export class Organization {
  users: User[] = [];
  invitations: Invitation[] = [];
  bindings: ListedBinding[] = [];
  keys = new Map<string, readonly string[] | 'unreadable'>();
  #count = 0;

  nextId(prefix: string): string {
    this.#count += 1;
    return `${prefix}-${this.#count}`;
  }

  /** A member who was invited, with these roles. */
  member(email: string, roles: readonly string[] = [], { auth_type = 'AUTH_TYPE_LOCAL', invited = true } = {}): string {
    const user = this.nextId('u');
    this.users.push({ id: user, email, auth_type });
    this.keys.set(user, []);
    if (invited) this.invite(email, { status: 'ACCEPTED', user, auth_type });
    for (const role of roles) this.bind(user, role);
    return user;
  }

  /** @param age In days since it was made; it lasts three. */
  invite(
    email: string,
    { status = 'SENT', age = 1, user = this.nextId('u'), auth_type = 'AUTH_TYPE_LOCAL' } = {},
  ): string {
    const at = (days: number) => new Date(now - days * day).toISOString();
    this.invitations.push({
      id: this.nextId('i'),
      email,
      auth_type,
      status: `INVITE_STATUS_${status}`,
      expires_at: at(age - 3),
      user: { id: user },
      metadata: {
        created_at: at(age),
        updated_at: at(age),
        ...(status === 'DEACTIVATED' ? { deleted_at: at(age - 0.5) } : {}),
      },
    });
    return user;
  }

  /** @param role `Role` on the organization, or `Role@` and what follows in the CRN. */
  bind(user: string, role: string): void {
    const [role_name = '', place] = role.split('@');
    const crn_pattern = place === undefined ? root : `${root}/${place}`;
    this.bindings.push({
      id: this.nextId('rb'),
      principal: user.includes(':') ? user : `User:${user}`,
      role_name,
      crn_pattern,
    });
  }

  rename(user: string, email: string): void {
    this.users = this.users.map((one) => (one.id === user ? { ...one, email } : one));
  }

  observe(): Observed {
    const bindings = new Bindings();
    for (const binding of this.bindings) bindings.add(binding);
    return join({ organization: id, users: this.users, invitations: this.invitations.map(asInvited), bindings });
  }
}

/** An organization of ann, who administers it, and whatever is added. */
export function withAnn(add: (organization: Organization) => unknown = () => {}): Organization {
  const organization = new Organization();
  organization.member('ann@example.com', ['OrganizationAdmin']);
  add(organization);
  return organization;
}

export const ann = '  - { email: ann@example.com, roles: [OrganizationAdmin] }';
export const bob = '  - { email: bob@example.com, roles: [MetricsViewer] }';

/** A file that manages this much and has these lines below `people:`. */
export function file(managed: string, people: string, more = ''): string {
  return `version: 1\norganization: ${id}\nmanaged: ${managed}\n${more}people:${people === '' ? ' []' : `\n${people}`}\n`;
}

export async function read(text: string, options?: PeopleOptions): Promise<Desired> {
  return readMembership({ name: 'people.yaml', text }, options);
}

interface Circumstances {
  readonly now?: number;
  readonly apiKeys?: ApiKeys;
  readonly withApiKeys?: boolean;
  readonly allowUnknownRoles?: boolean;
}

export function question(
  organization: Organization,
  desired: Desired,
  circumstances: Circumstances = {},
): DecisionInput {
  const observed = organization.observe();
  return {
    desired,
    observed,
    now,
    file: 'people.yaml',
    apiKeys: organization.keys,
    withApiKeys: false,
    allowUnknownRoles: false,
    ...circumstances,
  };
}

export async function planOf(organization: Organization, text: string, circumstances?: Circumstances): Promise<Plan> {
  return decide(question(organization, await read(text), circumstances));
}

/** What differs, a row a line. */
export function shown({ rows }: Plan, isShown: (row: Row) => boolean = isDrift): string[] {
  return rows
    .filter(isShown)
    .map(({ action, email, state, what, why }) => `${action} ${email} ${state}: ${what} (${why})`);
}
