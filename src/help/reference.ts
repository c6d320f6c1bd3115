import { exitCodes, type FailureCode } from '../errors.ts';
import { commands, page, prose, terms } from './page.ts';

type Rows = readonly (readonly [name: string, meaning: string])[];

const credentials: Rows = [
  ['CONFLUENT_CLOUD_API_KEY', 'the id of a Cloud API key'],
  ['CONFLUENT_CLOUD_API_SECRET', 'its secret; one of the two without the other is an error'],
  ['CONFLUENT_CLOUD_ACCESS_TOKEN', 'an access token instead of a key; both is an error unless --profile is given'],
  ['CONFLUENT_CLOUD_ENDPOINT', 'the API, if it is not https://api.confluent.cloud'],
  ['INVITE_PROFILE', 'the profile, if neither --profile nor the variables above say who you are'],
];

const behaviour: Rows = [
  ['INVITE_OUTPUT', 'the format, if -o does not say'],
  ['INVITE_NO_INPUT', 'any value: never ask anything'],
  ['CI', 'any value: never ask anything'],
  [
    'INVITE_READ_ONLY',
    'any value but 0 and false: send nothing but GET; a change ends with exit code 2, --dry-run works',
  ],
  ['INVITE_CONCURRENCY', 'how many changes at once, from 1 to 32; 4 if unset'],
  ['INVITE_DEBUG', 'any value: log HTTP on stderr, as --debug does'],
  ['INVITE_COMPLETION_OFFLINE', '1: completion asks the API for nothing'],
  ['ACCESSIBLE', '1: nothing is redrawn, and tables become lines of "field: value"'],
  ['GITHUB_ACTIONS', 'true: write a summary, counts and annotations for the workflow; --no-github turns it off'],
];

const places: Rows = [
  ['INVITE_CONFIG_DIR', 'the folder of the profiles'],
  ['INVITE_STATE_DIR', 'the folder of the sandbox, of journals, and of what completion remembers'],
  ['XDG_CACHE_HOME', 'where Node.js 22 and newer keep the compiled program, in "invite"; ~/.cache if unset'],
];

const colours: Rows = [
  ['NO_COLOR', 'any value: no colour'],
  ['FORCE_COLOR', 'colour, terminal or not; 0 for none, 1 to 3 for how many'],
  ['CLICOLOR_FORCE', 'the same; 0 for unset'],
  ['CLICOLOR', '0: no colour'],
];

const network: Rows = [
  ['HTTPS_PROXY, HTTP_PROXY', 'the proxy; also in small letters, which win. ALL_PROXY is not read'],
  ['NO_PROXY', 'hosts that are reached without it'],
  ['NODE_EXTRA_CA_CERTS', 'a file of certificates to trust besides those of Node.js'],
];

export function environmentTopic(): string {
  return page(
    prose(
      'Environment variables. An empty one counts as unset, and an option goes before the variable that says the same.',
    ),
    commands('INVITE_PROFILE=sandbox INVITE_OUTPUT=json invite list', 'NO_COLOR=1 invite list'),
    `Who you are:\n${terms(credentials)}`,
    `What a command does:\n${terms(behaviour)}`,
    `Where things are kept:\n${terms(places)}`,
    `Colour (--color goes before all of them, and they before one another as listed):\n${terms(colours)}`,
    `Network:\n${terms(network)}`,
  );
}

type ExitCode = (typeof exitCodes)[FailureCode];

/** One for every exit code that there is: a new one does not compile before it is explained here. */
const meanings: Readonly<Record<ExitCode, string>> = {
  1: 'a bug of invite, or this machine failed',
  2: 'usage, bad input, a confirmation is needed and nobody can be asked, or INVITE_READ_ONLY forbids it',
  3: 'network, timeout, an API that is down or is not the API, or the truth of a sent mail could not be learnt',
  4: 'not authenticated',
  5: 'forbidden, or not there: the API does not tell these apart',
  6: 'not found',
  7: 'conflict with what is there',
  8: 'still pending',
  9: 'some of many failed',
  10: 'drift found',
  11: 'quota or rate limit used up',
  130: 'Ctrl-C, or a question answered with no',
};

export function exitCodesTopic(): string {
  const rows = Object.entries(meanings).map(
    ([code, meaning]) => [code, `${meaning}: ${codesOf(Number(code))}`] as const,
  );
  return page(
    prose(
      'Exit codes, and behind the colon the error codes that end with them. Both keep their meaning in every later version.',
    ),
    commands(
      'invite get ann@example.com > /dev/null; [ $? -eq 6 ] && echo not invited',
      "invite create ann@example.com -o json 2>&1 > /dev/null | jq -r '.error.code'",
    ),
    terms([['0', 'done, nothing to do, an empty list, or the reader of a pipe has left'], ...rows]),
    prose(
      'With -o json or ndjson a failure is one line of JSON on stderr, with the error code in it and whether trying again may help.',
    ),
  );
}

function codesOf(exitCode: number): string {
  return Object.entries(exitCodes)
    .filter(([, code]) => code === exitCode)
    .map(([name]) => name)
    .join(', ');
}
