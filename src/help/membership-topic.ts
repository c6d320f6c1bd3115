import { commands, page, prose, terms } from './page.ts';

export function membershipTopic(): string {
  return page(
    prose(`A file lists the people of an organization with their roles. "invite plan" shows what differs, "invite apply"
      makes the organization as the file has it. There is no state file: the organization is the state.`),
    commands(
      'invite export > people.yaml',
      'invite plan people.yaml',
      'invite plan people.yaml -o json > plan.json',
      'invite apply plan.json',
      'invite export --missing-from people.yaml',
    ),
    `A file of people (YAML or JSON):\n\n${example}`,
    ...keys(),
    prose('Keys that begin with x- are free. The file is never written to, so comments stay.'),
    prose(`In CSV the columns are email, role, scope, auth_type, until and note. The rows of one person add up, and the role
      "-" means none at all. --managed and --organization say what stands at the top of the others.`),
    ...actions(),
    prose(`The person who runs it keeps access and administration. Members by SSO without an invitation belong to the identity
      provider: they are never removed by not being listed. Service accounts, identity pools and group mappings are
      counted and left alone.`),
    prose(`A saved plan is compared with a new one before anything is sent: what holds already is skipped, and anything new
      ends it with stale_plan. Exit codes: 10 if findings are left (or differences, with --expect-no-changes), 7 for
      unsafe_plan, stale_plan and locked, 9 if something was tried and failed.`),
  );
}

/** What may stand in the file. */
function keys(): string[] {
  return [
    `At the top:\n${terms([
      ['version', '1'],
      ['organization', 'its id; required unless managed is none. Another one than that of the API key is refused'],
      [
        'managed',
        'none: only adds. roles: revokes the other roles of the people listed. people: removes everybody else',
      ],
      ['auth_type', 'sso or local, for everybody who does not say otherwise'],
      ['reinvite', 'how long after the first invitation an expired one is mailed again: 14d, or never'],
      ['ignore', 'left alone: bob@x.com, *@x.com, u-…, Role, Role@scope'],
      ['teams', 'groups of roles, by name: { payments: { roles: [DataDiscovery@env-abc] } }'],
      ['people', 'an e-mail, or { email, roles, teams, auth_type, until, note }'],
    ])}`,
    `Of a person:\n${terms([
      ['roles', 'as for --role, or { role, scope, until, note }. Left out, they are left alone; [] means none at all'],
      ['until', '2027-01-31 (through that day, UTC) or RFC 3339; afterwards the person or role is unwanted by name'],
    ])}`,
  ];
}

/** What a plan says, and what it may not do by itself. */
function actions(): string[] {
  return [
    `Actions, in the order of a plan:\n${terms([
      ['- remove', 'a member is deleted'],
      ['- withdraw', 'an invitation is deleted'],
      ['- revoke', 'a role is taken away'],
      ['! …', 'needs a decision: blocked, differs, gave_up, ambiguous, unknown, orphan'],
      ['+ invite', 'somebody new is mailed; reinvite mails once more'],
      ['+ grant', 'a role is given'],
      ['  wait', 'somebody has yet to accept; keep and elsewhere: nothing to do'],
    ])}`,
    `Limits, raised by a flag for one run:\n${terms([
      ['--max-removals', 'people who lose access: 3, or 10 % of members and pending people'],
      ['--max-revocations', 'roles that are revoked: 10, or 25 % of those of the people listed'],
      ['--min-admins', 'members who hold OrganizationAdmin afterwards: 2'],
      ['--with-api-keys', 'without it nobody is removed who owns API keys: they would be deleted'],
    ])}`,
  ];
}

const example = `  version: 1
  organization: 1111aaaa-11aa-11aa-11aa-111111aaaaaa
  managed: people
  ignore: [breakglass@example.com]
  teams:
    payments: { roles: [DeveloperRead@env-abc/lkc-123/topic=pay*] }
  people:
    - { email: ann@example.com, roles: [OrganizationAdmin] }
    - { email: eve@example.com, teams: [payments] }
    - { email: cyd@agency.com, until: 2027-03-31, roles: [Operator@env-abc] }`;
