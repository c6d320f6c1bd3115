import { invitationFields, states } from '../api/invitation.ts';
import { knownRoles, knownRolesDate } from '../api/roles.ts';
import { outcomeMeanings } from '../cli/printer.ts';
import { formatDefinitions } from '../output/formats.ts';
import { peopleSchema } from '../people/schema.ts';
import { orList } from '../text/suggest.ts';
import type { topics } from './layout.ts';
import { page, rows } from './page.ts';
import { pipelinesTopic } from './pipelines.ts';
import { environmentTopic, exitCodesTopic } from './reference.ts';

const importText = `"invite import" reads a file, or stdin for "-", and invites everybody in it. All rows are checked before the first
mail is sent. Each mistake is reported with its line, and nothing is sent while there is one.

  invite import people.csv --dry-run
  invite import people.csv --yes
  invite import - --role MetricsViewer < people.txt

The content of the file decides its format:
  CSV     a header and rows, separated by commas, semicolons, tabs or bars
  JSON    an array of objects, which may be inside an object or split into several arrays; or objects by address, id or name
  NDJSON  one object per line
  YAML    a list, as "invite list -o yaml" prints it
  text    addresses as mail programs write them; # begins a comment

Columns:
  email      whom to invite; also "e-mail", "mail" or "user". The only required column
  role       a role to grant, as for --role; also "roles"
  scope      the scope of the role, if the role has none after an @; or environment, cluster and resource
  auth_type  sso or local: how they sign in
  status     who is gone, under any usual heading: status, active, blocked, suspended, deleted …
  until      when access ends: until, expires, end date …

Headings and values of exports from Google, Microsoft, Okta, Slack, Atlassian and others are understood, and so are
those of English, German, French, Spanish, Portuguese and Japanese tables. If a column may narrow, end or forbid access
and is not understood, you are asked; without a terminal, the error names the flag that answers, as in --columns
'email="E-Mail (Arbeit)",role=Zugriff'. An empty heading, as in --columns role=, says that no column holds the roles;
--columns ignore=Bereich ignores that column alone. A dot reaches into objects of JSON: --columns email=profile.email.

People who are gone or whose access has ended, and rows that are not people, are left out and counted by reason, with
the outcome "skipped"; --include-inactive invites people who are gone. Rows without an address are an error unless
--skip-rows-without-email is given.

An address that occurs twice, in upper or lower case, gets one mail.

--allowed-domains, or "allowed_domains" of a profile ("invite auth login --allowed-domains"), refuses addresses of
other domains unless --allow-external is given.

Rows that fail are written to FILE.rejected.csv, those of stdin to invite-import.rejected.csv, in the form of the
file, with an "error" column: correct them there and import that file. Once none of its rows fails, it is renamed to
end with .done.csv.

After a crash, Ctrl-C or an exhausted quota, run the same command again: it looks everybody up, and does what is
missing. The folder "mails" in the state folder remembers who was mailed from this machine in the last 24 hours, so
that nobody gets a second mail because a list lags behind; it contains addresses but no secrets.

invite import --help lists the options.`;

const outputText = `stdout carries the result and nothing else; prompts, hints, progress and errors go to stderr.

  invite list -o json | jq -r '.[] | select(.state=="pending") | .email'
  invite list -o csv --fields email,state,metadata.created_at
  invite list --status expired -o id | invite delete - --yes

Formats, for -o or INVITE_OUTPUT:
${rows(Object.entries(formatDefinitions).map(([name, { description }]) => [name, description]))}

Fields have the names that the API gives them, and fields that it adds later are passed through. For --fields and --sort of
invitations: ${orList(invitationFields)}.

One field is added to an invitation: "state", which is ${orList(states)}. An invitation past its expires_at is expired,
even if its status is still INVITE_STATUS_SENT.

Results of changes add "outcome", and "roles" and "error" where there are any.

Outcomes (those of "invite wait" are reached, pending and impossible):
${rows(Object.entries(outcomeMeanings))}

Times are RFC 3339 in UTC, as the API sent them; a terminal shows relative times. A cell that a spreadsheet would run
as a formula gets a leading ' in csv, unless --csv-raw is given.`;

const profilesText = `A profile is a name for a Cloud API key and its secret, or an identity pool, and the endpoint it is for.

  invite auth login work
  invite -p work list
  invite auth use work
  invite auth status
  invite -p sandbox create ann@example.com

The first of these that is set is used; they are never mixed:
  1.  --profile NAME
  2.  CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET, or CONFLUENT_CLOUD_ACCESS_TOKEN, or CONFLUENT_CLOUD_IDENTITY_POOL_ID
  3.  INVITE_PROFILE
  4.  the current profile, which "invite auth use" sets

"invite auth status" shows which one is used and what it overrides. It sends nothing unless --check is given.

The key must be a Cloud API key (confluent api-key create --resource cloud), and its owner must be allowed to invite:
OrganizationAdmin or AccountAdmin. The key decides which organization you are in.

The secret is asked for, or read with --api-secret-stdin or --api-secret-file; it is never an argument. It is stored
as plain text in a file that only you can read. To keep it in a password manager instead, store a command that prints
it; it is run without a shell:

  invite auth login work --secret-command '["op","read","op://it/confluent/secret"]'

CONFLUENT_CLOUD_ACCESS_TOKEN is an access token of Confluent Cloud, which a workload gets in exchange for its own
identity. It is valid for at most 15 minutes and is never stored. With CONFLUENT_CLOUD_IDENTITY_POOL_ID, invite does
that exchange itself: see "invite help pipelines".

A stored key is sent only to the endpoint that it was stored for.

"sandbox" is built in and needs no key: an imitation of the API that keeps its state in a local file. "invite sandbox"
fills it, empties it, and accepts invitations.`;

const rolesText = `A role can be granted together with the invitation: it waits for the person to accept.

  invite create ann@example.com --role EnvironmentAdmin@env-abc
  invite create ann@example.com --role CloudClusterAdmin@env-abc/lkc-123

The scope follows the @:
  nothing                        the whole organization
  @env-abc                       an environment
  @env-abc/lkc-123               a cluster; lsrc-… is a schema registry, lksqlc-… a ksqlDB
  @env-abc/lkc-123/topic=orders  a resource in a cluster
  @crn://…                       any Confluent Resource Name

Known names, as of ${knownRolesDate}: ${knownRoles.join(', ')}. A role that somebody in the organization holds is known
as well, except to "invite role grant", which does not look. Any other name is refused before anything is sent;
--allow-unknown-roles sends it as it is.

A role that the person has already counts as granted. If a role is refused, the invitation stays, the exit code is 9, and the
error shows the command that grants just that role.`;

const offboardingText = `An organization has more people than were invited: members, people whose invitation is pending, expired or was
revoked, and users that the identity provider created. "invite people" lists all of them, a row each; "invite remove"
removes people in any of these states.

  invite people --not-in hr.csv
  invite trace bob@example.com
  invite remove - --dry-run < leavers.txt
  invite remove - --max-removals 40 --yes < leavers.txt
  invite report --api-keys -o markdown > review.md

What is done, by state:
  member                the user is deleted, with all roles and API keys: removed
  pending, staged       the invitation is withdrawn, then the roles that are left are revoked: withdrawn
  expired, deactivated  the roles that are left are revoked: removed, or already_gone if there are none
  left                  nothing: already_gone
  none                  nothing: not_found, exit code 6 alone, 9 among others, 0 with --if-exists
  unknown               nothing: blocked, since the invitation may be open
  ambiguous             several users or open invitations of one address: blocked, and their ids are named

Before it asks it shows each person with their state, roles and number of API keys. The question names administrators
and owners of API keys, and is answered by the number of people, or the address of a single member. --yes answers the
question, but does not override the rules.

Rules:
  you             the owner of the API key in use is not removed (unsafe_plan)
  administrators  at least --min-admins members keep OrganizationAdmin; the default is 2 (unsafe_plan)
  number          by filter or from stdin, at most --max-removals people; the default is 3, or 10 % of members and pending (unsafe_plan)
  API keys        people who own some, or may own some, are left alone unless --with-api-keys is given (blocked)
  roles           if role bindings may not be read, nobody is removed (blocked)

Each person is looked up once more just before: anyone who has accepted meanwhile, has another address or has created
an API key is blocked. To finish an interrupted run, run it again. Service accounts, identity pools and group mappings are
not people: sa-… is refused, and their number is shown wherever people are listed. The identity provider may bring its
users back, just in time or by SCIM.

Exit codes: 10 if somebody was blocked, 9 if something failed or somebody is unknown, 7 for unsafe_plan.`;

const membershipText = `A file lists the people of an organization with their roles. "invite plan" shows what differs, "invite apply" makes
the organization match the file. There is no state file: the organization is the state.

  invite export > people.yaml
  invite plan people.yaml
  invite plan people.yaml -o json > plan.json
  invite apply plan.json
  invite export --missing-from people.yaml

A file of people (YAML or JSON):

  version: 1
  organization: 1111aaaa-11aa-11aa-11aa-111111aaaaaa
  managed: people
  ignore: [breakglass@example.com]
  teams:
    payments: { roles: [DeveloperRead@env-abc/lkc-123/topic=pay*] }
  people:
    - { email: ann@example.com, roles: [OrganizationAdmin] }
    - { email: eve@example.com, teams: [payments] }
    - { email: cyd@agency.com, until: 2027-03-31, roles: [Operator@env-abc] }

At the top:
  version       1
  organization  its id; required unless managed is none. It must be the organization of the API key
  managed       none: only adds. roles: revokes the other roles of the people listed. people: removes everybody else
  auth_type     sso or local, for everybody who does not say otherwise
  reinvite      how long after the first invitation an expired one is mailed again: 14d, or never
  ignore        left alone: bob@x.com, *@x.com, u-…, Role, Role@scope
  domains       the only domains of addresses, unless --allow-external is given: [example.com, "*.example.com"]
  teams         groups of roles, by name: { payments: { roles: [DataDiscovery@env-abc] } }
  within        for the file of a team, one of several: it may grant inside of these scopes only: [env-abc]
  people        an e-mail, or { email, was, roles, teams, auth_type, until, note }

Of a person:
  roles  as for --role, or { role, scope, until, note }. Left out, they are left alone; [] means none at all
  was    an old address: it is removed once they have accepted under the new one, and not before
  until  2027-01-31 (through that day, UTC) or RFC 3339; after that the person or role is to be removed

Several files, or a folder of them, are planned together; their order does not matter. "invite validate" checks them
without a key, and "invite help schema" prints the JSON Schema for editors.

Keys that begin with x- are ignored. The file is never written to, so comments stay.

In CSV the columns are email, role, scope, auth_type, until and note. The rows of one person add up, and the role "-"
means none at all. --managed and --organization take the place of the keys at the top.

Actions, in the order of a plan:
  - remove    a member is deleted
  - withdraw  an invitation is deleted
  - revoke    a role is taken away
  ! …         needs a decision: blocked, differs, gave_up, ambiguous, unknown, orphan
  + invite    somebody new is mailed; reinvite mails once more
  + grant     a role is given
    wait      somebody has yet to accept; keep and elsewhere: nothing to do

Limits, raised by a flag for one run:
  --max-removals     people who lose access: 3, or 10 % of members and pending people
  --max-revocations  roles that are revoked: 10, or 25 % of those of the people listed
  --min-admins       members who hold OrganizationAdmin afterwards: 2
  --allow-admins     with --yes in a script, grants administrator roles; a saved plan needs no flag
  --additions-only   takes nothing away
  --with-api-keys    also removes people who own API keys, which deletes the keys

The person who runs it keeps access and administrator roles. SSO members without an invitation belong to the identity
provider: they are never removed for not being listed. Service accounts, identity pools and group mappings are counted
and left alone.

A saved plan is compared with a new one before anything is sent: what is done already is skipped, and anything new is
refused with stale_plan. Exit codes: 10 if findings are left (or differences, with --expect-no-changes), 7 for unsafe_plan,
stale_plan and locked, 9 if something was tried and failed.`;

const unknownsText = `Confluent does not document the following about its API. invite does not rely on any of it; the sandbox can be
switched both ways, see "invite sandbox start --help".

  filters         whether the filter by e-mail is case-sensitive, and whether several filters are joined by AND: every row is checked again here, and addresses are compared without regard to ASCII case
  order           in which order a list comes, and whether a page token keeps the page size and the filters: they are sent again
  STAGED          what this status means: it is treated as pending
  ids             whether an invitation keeps its id when it is deleted or sent again, and whether the person keeps the user id: what the newest answer says counts
  deleted         what a GET shows after a DELETE, and what a DELETE of an expired or revoked invitation does
  409             whether it always means membership: the user is looked up first
  limits          the rate limits in numbers: X-RateLimit and Retry-After headers are obeyed
  retention       how long old invitations are kept
  identity pools  whether a pool may invite`;

export const topicPages: Readonly<Record<(typeof topics)[number]['name'], () => string>> = {
  environment: environmentTopic,
  'exit-codes': exitCodesTopic,
  output: () => page(outputText),
  profiles: () => page(profilesText),
  pipelines: pipelinesTopic,
  import: () => page(importText),
  offboarding: () => page(offboardingText),
  membership: () => page(membershipText),
  unknowns: () => page(unknownsText),
  schema: () => `${JSON.stringify(peopleSchema, null, 2)}\n`,
  roles: () => page(rolesText),
};
