import type { SignalExitCode } from '../cli/context.ts';
import { exitCodes, type FailureCode } from '../errors.ts';
import { page, rows } from './page.ts';

/** A variable that the program reads, and the option that says the same and goes before it. */
type Variable = readonly [name: string, description: string, option?: string];

/** Every variable that is read, by what it is about, in the order in which help shows them. */
export const environment: Readonly<Record<string, readonly Variable[]>> = {
  'Who you are': [
    ['CONFLUENT_CLOUD_API_KEY', 'the id of a Cloud API key'],
    ['CONFLUENT_CLOUD_API_SECRET', 'its secret; one of the two without the other is an error'],
    [
      'CONFLUENT_CLOUD_ACCESS_TOKEN',
      'an access token instead of a key; setting both is an error unless --profile is given',
    ],
    [
      'CONFLUENT_CLOUD_IDENTITY_POOL_ID',
      'an identity pool instead of a key, for pipelines; setting a key or a token as well is an error, as above',
    ],
    ['CONFLUENT_CLOUD_OIDC_TOKEN_FILE', 'the file with the token that is exchanged for an access token of the pool'],
    [
      'CONFLUENT_CLOUD_OIDC_AUDIENCE',
      'the audience of the token that is requested from GitHub Actions; confluent if unset',
    ],
    [
      'ACTIONS_ID_TOKEN_REQUEST_URL',
      'set by GitHub Actions: where a job with "permissions: id-token: write" requests its token',
    ],
    ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'set by GitHub Actions: the credential for that request'],
    ['CONFLUENT_CLOUD_ENDPOINT', 'the API, if it is not https://api.confluent.cloud', '--endpoint'],
    ['INVITE_PROFILE', 'the profile, if neither --profile nor the variables above say who you are', '--profile'],
  ],
  'What a command does': [
    ['INVITE_OUTPUT', 'the output format', '--output'],
    ['INVITE_NO_INPUT', 'any value: never prompt', '--no-input'],
    ['CI', 'any value: never prompt', '--no-input'],
    [
      'INVITE_READ_ONLY',
      'any value but 0 and false: send nothing but GET, except to exchange a token; a change, also of profiles or the sandbox, ends with exit code 2, --dry-run works',
    ],
    ['INVITE_CONCURRENCY', 'the number of changes made at once, 1 to 32; 4 if unset', '--concurrency'],
    ['INVITE_DEBUG', 'any value: log HTTP requests on stderr', '--debug'],
    ['INVITE_COMPLETION_OFFLINE', '1: completion does not ask the API'],
    ['ACCESSIBLE', '1: nothing is redrawn, and tables become lines of "field: value"'],
    ['GITHUB_ACTIONS', 'true: write a summary, outputs and annotations for the workflow', '--no-github'],
  ],
  Files: [
    ['INVITE_CONFIG_DIR', 'the folder of the profiles, an absolute path'],
    ['INVITE_STATE_DIR', 'the folder of the sandbox, the mail log and the completion cache, an absolute path'],
    [
      'XDG_CACHE_HOME',
      'where Node.js 22 and newer keep the compiled program, in "invite"; ~/.cache if unset or relative',
    ],
    ['NODE_DISABLE_COMPILE_CACHE', 'any value: the compiled program is not kept'],
  ],
  'Color (--color overrides all of them; the first that is set wins)': [
    ['NO_COLOR', 'any value: no color', '--color'],
    ['FORCE_COLOR', 'color, terminal or not; 0 for none, 1 to 3 for how many', '--color'],
    ['CLICOLOR_FORCE', 'as FORCE_COLOR, except that 0 means unset', '--color'],
    ['CLICOLOR', '0: no color', '--color'],
    ['TERM', 'dumb: no color', '--color'],
  ],
  Network: [
    ['HTTPS_PROXY', 'the proxy for https; https_proxy takes precedence. ALL_PROXY is not read'],
    ['HTTP_PROXY', 'the proxy for http; never needed, since http is allowed for this machine only'],
    [
      'NO_PROXY',
      'hosts that are reached directly: names, domains, addresses, blocks such as 10.0.0.0/8, or *; no_proxy takes precedence',
    ],
    [
      'NODE_TLS_REJECT_UNAUTHORIZED',
      '0 turns certificate checks off, and is refused unless the endpoint is on this machine',
    ],
    ['NODE_EXTRA_CA_CERTS', 'a file of certificates to trust in addition to those of Node.js'],
  ],
};

export function environmentTopic(): string {
  const sections = Object.entries(environment).map(
    ([title, variables]) => `${title}:\n${rows(variables.map(([name, description]) => [name, description]))}`,
  );
  return page(`Environment variables. An empty variable counts as unset, and an option overrides the variable.

  INVITE_PROFILE=sandbox INVITE_OUTPUT=json invite list
  NO_COLOR=1 invite list

${sections.join('\n\n')}`);
}

type ExitCode = (typeof exitCodes)[FailureCode];

/** Every exit code but 0; a new one does not compile before it is explained here. */
const meanings: Readonly<Record<ExitCode | SignalExitCode, string>> = {
  1: 'an internal error, or a failure of this machine',
  2: 'usage, bad input, a confirmation that nobody can give, or a change under INVITE_READ_ONLY',
  3: 'network, timeout, an API that is down or is not the API, or a sent mail that could not be confirmed',
  4: 'not authenticated',
  5: 'forbidden, or not found: the API does not tell these apart',
  6: 'not found',
  7: 'conflict with what is there',
  8: 'still pending',
  9: 'some of many failed',
  10: 'drift found',
  11: 'quota or rate limit exhausted',
  129: 'the terminal was closed: SIGHUP',
  130: 'Ctrl-C, or a declined prompt',
  143: 'ended by SIGTERM',
};

/** All exit codes in order, each with what it means and the error codes that end with it. */
export function exitCodeMeanings() {
  const success = 'done, nothing to do, an empty list, or a closed pipe';
  return [
    { exit_code: 0, description: success, error_codes: [] },
    ...Object.entries(meanings).map(([code, description]) => {
      const exit_code = Number(code);
      const codes = Object.entries(exitCodes).filter(([, one]) => one === exit_code);
      return { exit_code, description, error_codes: codes.map(([name]) => name) };
    }),
  ];
}

export function exitCodesTopic(): string {
  const meanings = exitCodeMeanings().map(
    ({ exit_code, description, error_codes }) =>
      [String(exit_code), [description, error_codes.join(', ')].filter(Boolean).join(': ')] as const,
  );
  return page(`Exit codes, each with the error codes that end with it. Both keep their meaning in every later version.

  invite get ann@example.com > /dev/null; [ $? -eq 6 ] && echo not invited
  invite create ann@example.com -o json 2>&1 > /dev/null | jq -r '.error.code'

${rows(meanings)}

With -o json or ndjson a failure is one line of JSON on stderr: its error code, and whether a retry may help.`);
}
