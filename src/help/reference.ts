import { exitCodes, type FailureCode } from '../errors.ts';
import { environment } from './environment.ts';
import { commands, page, prose, terms } from './page.ts';

/** `invite help environment` */
export function environmentTopic(): string {
  const sections = Object.entries(environment).map(([title, variables]) => {
    const rows = variables.map(({ name, description }) => [name, description] as const);
    return `${title}:\n${terms(rows)}`;
  });
  return page(
    prose('Environment variables. An empty variable counts as unset, and an option overrides the variable.'),
    commands('INVITE_PROFILE=sandbox INVITE_OUTPUT=json invite list', 'NO_COLOR=1 invite list'),
    ...sections,
  );
}

type ExitCode = (typeof exitCodes)[FailureCode];

/** Every exit code but 0; a new one does not compile before it is explained here. */
const meanings: Readonly<Record<ExitCode, string>> = {
  1: 'a bug in invite, or a failure of this machine',
  2: 'usage, bad input, a confirmation that nobody can give, or a change under INVITE_READ_ONLY',
  3: 'network, timeout, an API that is down or is not the API, or a sent mail that could not be confirmed',
  4: 'not authenticated',
  5: 'forbidden, or not found: the API does not tell these apart',
  6: 'not found',
  7: 'conflict with what is there',
  8: 'still pending',
  9: 'some of many failed',
  10: 'drift found',
  11: 'quota or rate limit used up',
  130: 'Ctrl-C, or a declined prompt',
};

/** An exit code, what it means, and the error codes that end with it. */
interface ExitCodeMeaning {
  readonly exit_code: number;
  readonly description: string;
  readonly error_codes: readonly string[];
}

/** All exit codes, in order. */
export function exitCodeMeanings(): ExitCodeMeaning[] {
  const success = 'done, nothing to do, an empty list, or the reader of a pipe has left';
  return [
    { exit_code: 0, description: success, error_codes: [] },
    ...Object.entries(meanings).map(([code, description]) => ({
      exit_code: Number(code),
      description,
      error_codes: codesOf(Number(code)),
    })),
  ];
}

/** `invite help exit-codes` */
export function exitCodesTopic(): string {
  const rows = exitCodeMeanings().map(
    ({ exit_code, description, error_codes }) =>
      [String(exit_code), [description, error_codes.join(', ')].filter(Boolean).join(': ')] as const,
  );
  return page(
    prose('Exit codes, each with the error codes that end with it. Both keep their meaning in every later version.'),
    commands(
      'invite get ann@example.com > /dev/null; [ $? -eq 6 ] && echo not invited',
      "invite create ann@example.com -o json 2>&1 > /dev/null | jq -r '.error.code'",
    ),
    terms(rows),
    prose(
      'With -o json or ndjson a failure is one line of JSON on stderr: its error code, and whether a retry may help.',
    ),
  );
}

function codesOf(exitCode: number): string[] {
  return Object.entries(exitCodes)
    .filter(([, code]) => code === exitCode)
    .map(([name]) => name);
}
