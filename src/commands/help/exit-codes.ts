import { exitCodes, type FailureCode } from '../../errors.ts';
import { commands, page, prose, terms } from './page.ts';

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
