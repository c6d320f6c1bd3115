// The organizations of the benchmarks, as the sandbox is given them, and the file of people that one of them follows.
const roles = ['EnvironmentAdmin', 'DataDiscovery', 'DataSteward', 'FlinkDeveloper', 'FlinkAdmin'];
const environments = 200;
const states = ['pending', 'staged', 'accepted', 'expired', 'deactivated'];

/** That of every sandbox. */
const organization = '00000000-0000-4000-8000-73616e64626f';
const crn = `crn://confluent.cloud/organization=${organization}`;

export const pathOfList = '/iam/v2/invitations?page_size=100';

/** What a plan requests beyond the organization and the owner of the key. */
export const pathsOfPlan = [
  pathOfList,
  '/iam/v2/users?page_size=100',
  `/iam/v2/role-bindings?page_size=1000&crn_pattern=${encodeURIComponent(crn)}`,
  `/iam/v2/role-bindings?page_size=1000&crn_pattern=${encodeURIComponent(`${crn}/*`)}`,
];

/** As mixed as people are: 2 in 100 have letters beyond ASCII, at either side of the `@`. */
function address(number) {
  return number % 50 === 7 ? `zoë.łukasz+${number}@例え.example` : `person.${number}@example.com`;
}

/** Invitations in all states. */
export function invited(rows) {
  return Array.from({ length: rows }, (_, number) => ({
    email: address(number),
    state: states[number % states.length],
    auth_type: number % 3 === 0 ? 'AUTH_TYPE_LOCAL' : 'AUTH_TYPE_SSO',
  }));
}

/** Members who have as many roles each, and pending invitations. */
export function members({ people, bindings, invitations }) {
  return Array.from({ length: invitations }, (_, number) => {
    const email = address(number);
    if (number >= people) return { email, state: 'pending' };
    const held = rolesOf(number, bindings / people);
    const roles = held.map(({ role_name, environment }) => ({
      role_name,
      crn_pattern: `${crn}/environment=${environment}`,
    }));
    return { email, state: 'accepted', roles };
  });
}

function rolesOf(person, share) {
  return Array.from({ length: share }, (_, index) => {
    const role_name = roles[(person * share + index) % roles.length];
    return { role_name, environment: `env-${person % environments}` };
  });
}

/** The same people, so that the plan has nothing to do. */
export function peopleFile({ people, bindings }) {
  const lines = Array.from({ length: people }, (_, person) => {
    const texts = rolesOf(person, bindings / people).map(({ role_name, environment }) => `${role_name}@${environment}`);
    return `  - email: "${address(person)}"\n    roles: [${texts.join(', ')}]\n`;
  });
  return `version: 1\norganization: ${organization}\nmanaged: roles\npeople:\n${lines.join('')}`;
}
