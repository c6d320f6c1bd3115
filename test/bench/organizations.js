// An organization of the benchmarks in which everybody has as many roles, and the file that lists them.
import { address, crn, invitation, organization, pagesOf } from './pages.js';

const roles = ['EnvironmentAdmin', 'DataDiscovery', 'DataSteward', 'FlinkDeveloper', 'FlinkAdmin'];
const environments = 200;

const paths = {
  users: '/iam/v2/users',
  invitations: '/iam/v2/invitations',
  bindings: '/iam/v2/role-bindings',
};

/** What a plan requests beyond the organization and the owner of the key. */
export const pathsOfPlan = [
  `${paths.invitations}?page_size=100`,
  `${paths.users}?page_size=100`,
  `${paths.bindings}?page_size=1000&crn_pattern=${encodeURIComponent(crn)}`,
  `${paths.bindings}?page_size=1000&crn_pattern=${encodeURIComponent(`${crn}/*`)}`,
];

/** The pages of each list, by its path; of role bindings, those below the organization. */
export function listsOf({ people, bindings, invitations }) {
  const share = bindings / people;
  const some = (length) => Uint32Array.from({ length }, (_, number) => number);
  const status = (number) => `INVITE_STATUS_${number < people ? 'ACCEPTED' : 'SENT'}`;
  const invited = (number) => invitation(number, address(number), status(number));
  const binding = (number) => bindingOf(number, Math.floor(number / share));
  const below = `${paths.bindings}?crn_pattern=${encodeURIComponent(`${crn}/*`)}`;
  return new Map([
    [paths.invitations, pagesOf(some(invitations), { size: 100, path: paths.invitations, row: invited })],
    [paths.users, pagesOf(some(people), { size: 100, path: paths.users, row: userOf })],
    [paths.bindings, pagesOf(some(bindings), { size: 1000, path: below, row: binding })],
    ['/org/v2/organizations', pagesOf(some(1), { size: 1, row: () => ({ id: organization, display_name: 'Bench' }) })],
  ]);
}

function userOf(number) {
  const { user, metadata, auth_type, email } = invitation(number);
  return {
    ...{ api_version: 'iam/v2', kind: 'User', id: user.id },
    metadata: { ...metadata, self: user.related, resource_name: user.resource_name },
    ...{ email, full_name: `Person ${number}`, auth_type },
  };
}

function bindingOf(number, person) {
  const id = `rb-${number.toString(36).padStart(6, '0')}`;
  const { role_name, environment } = roleOf(number, person);
  return {
    ...{ api_version: 'iam/v2', kind: 'RoleBinding', id },
    metadata: { ...invitation(number).metadata, self: `https://api.confluent.cloud${paths.bindings}/${id}` },
    ...{ principal: `User:${invitation(person).user.id}`, role_name },
    crn_pattern: `${crn}/environment=${environment}`,
  };
}

function roleOf(number, person) {
  return { role_name: roles[number % roles.length], environment: `env-${person % environments}` };
}

/** The same people, so that the plan has nothing to do. */
export function peopleFile({ people, bindings }) {
  const share = bindings / people;
  const lines = Array.from({ length: people }, (_, person) => {
    const held = Array.from({ length: share }, (_, index) => roleOf(person * share + index, person));
    const texts = held.map(({ role_name, environment }) => `${role_name}@${environment}`);
    return `  - email: "${address(person)}"\n    roles: [${texts.join(', ')}]\n`;
  });
  return `version: 1\norganization: ${organization}\nmanaged: roles\npeople:\n${lines.join('')}`;
}
