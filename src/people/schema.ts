import { knownRoles } from '../api/roles.ts';

const scopes = [
  '@env-[A-Za-z0-9]+(?:/(?:lkc|lsrc|lksqlc)-[A-Za-z0-9]+(?:/[a-z][a-z-]*=[^/\\s]+)?)?',
  '@crn://[^\\s]{1,2000}',
];
const scope = `\\s*(?:${scopes.join('|')})\\s*`;
const name = '[A-Za-z][A-Za-z0-9_-]{0,99}';
const needsEnvironment = '\\s*EnvironmentAdmin\\s*$';
const needsCluster = '\\s*CloudClusterAdmin\\s*(?:$|@\\s*env-[A-Za-z0-9]+\\s*$)';

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const email = `^\\s*(?=[^\\s]{1,254}\\s*$)(?![-=.])(?:[!#-'*+/-9=?A-Z^-~-]|\\.(?![.@])){1,64}@(?:${label}\\.)+(?!\\d+\\s*$)${label}\\s*$`;
const until =
  '^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])(?:[Tt](?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:[Zz]|[+-](?:[01]\\d|2[0-3]):[0-5]\\d))?$';

/** Everything that begins with x- is free. */
function mapping(properties: Readonly<Record<string, object>>, required: readonly string[]) {
  return { type: 'object', properties, required, patternProperties: { '^x-': {} }, additionalProperties: false };
}

const note = { type: 'string', description: 'for readers; not used' };

/** The format of a file of people as JSON Schema, for editors and other checkers. It cannot say all that validate does. */
export const peopleSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'People of a Confluent Cloud organization, for invite plan and invite apply',
  ...mapping(
    {
      $schema: { type: 'string' },
      version: { const: 1 },
      organization: { type: 'string', description: 'its id; required unless "managed" is none' },
      managed: {
        enum: ['none', 'roles', 'people'],
        description: 'none: only adds. roles: revokes other roles of the people listed. people: removes everybody else',
      },
      auth_type: { $ref: '#/definitions/auth_type' },
      reinvite: {
        type: 'string',
        pattern: '^(?:never|\\d{1,9}(?:ms|s|m|h|d|w))$',
        description: 'how long after the first invitation an expired one is mailed again',
      },
      within: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', pattern: `^${scope.replaceAll('@', '')}$` },
        description: 'for the file of a team, one of several: the only scopes in which it may grant',
      },
      ignore: {
        type: 'array',
        items: { type: 'string', pattern: `^(?:u-.*|\\*@.+|[^\\s@]+@.+|${name})$` },
        description: 'left alone: bob@x.com, *@x.com, u-…, Role, Role@scope',
      },
      domains: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', pattern: '^(?:\\*\\.)?[^\\s@.]+(?:\\.[^\\s@.]+)+$' },
        description: 'the only domains of addresses: example.com, *.example.com',
      },
      teams: {
        type: 'object',
        additionalProperties: mapping(
          { roles: { $ref: '#/definitions/roles' }, until: { $ref: '#/definitions/until' }, note },
          ['roles'],
        ),
        description: 'groups of roles, by name',
      },
      people: { type: 'array', items: { $ref: '#/definitions/person' } },
    },
    ['version', 'people'],
  ),
  allOf: [
    {
      if: { properties: { managed: { enum: ['roles', 'people'] } }, required: ['managed'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['organization'] },
    },
    {
      if: { properties: { managed: { const: 'people' } }, required: ['managed'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { people: { minItems: 1 } } },
    },
  ],
  definitions: {
    person: {
      anyOf: [
        { $ref: '#/definitions/email' },
        mapping(
          {
            email: { $ref: '#/definitions/email' },
            was: { $ref: '#/definitions/email' },
            roles: { $ref: '#/definitions/roles' },
            teams: { type: 'array', items: { type: 'string' }, description: 'names under "teams"' },
            auth_type: { $ref: '#/definitions/auth_type' },
            until: { $ref: '#/definitions/until' },
            note,
          },
          ['email'],
        ),
      ],
    },
    email: { type: 'string', pattern: email },
    roles: {
      anyOf: [
        { type: 'string', pattern: '^[^]*[^\\s,;|][^]*$' },
        { type: 'array', items: { $ref: '#/definitions/role' } },
      ],
      description: 'all direct roles. Left out: not managed. []: none at all',
    },
    role: {
      anyOf: [
        { enum: knownRoles.filter((one) => one !== 'EnvironmentAdmin' && one !== 'CloudClusterAdmin') },
        { type: 'string', pattern: `^(?!${needsEnvironment}|${needsCluster})\\s*${name}\\s*(?:${scope})?$` },
        mapping(
          {
            role: { type: 'string', pattern: `^\\s*${name}\\s*(?:${scope})?$` },
            scope: { type: 'string', pattern: `^${scope.replaceAll('@', '')}$` },
            until: { $ref: '#/definitions/until' },
            note,
          },
          ['role'],
        ),
      ],
    },
    auth_type: {
      type: 'string',
      pattern: '^\\s*(?:[Ss][Ss][Oo]|[Ll][Oo][Cc][Aa][Ll]|AUTH_TYPE_(?:SSO|LOCAL))?\\s*$',
      description: 'sso or local',
    },
    until: {
      type: 'string',
      pattern: until,
      description: '2027-01-31, through that day in UTC, or RFC 3339; afterwards the access is taken away',
    },
  },
} as const;
