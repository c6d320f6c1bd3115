import type { CliError } from '../errors.ts';
import { clean, cleanLines } from '../text/sanitize.ts';
import { jsonText } from './json.ts';
import type { Style } from './style.ts';

/** A failure for a person: what failed, why, what to do about it, and the request id. */
export function failureText(error: CliError, style: Style): string {
  const { reason, hints = [], request_id } = error.details;
  const lines = [
    `${style.bold(style.red('error:'))} ${clean(error.message)}`,
    // Indented, so that no line of a server's text can pass for one of ours.
    ...(reason === undefined
      ? []
      : cleanLines(reason)
          .split('\n')
          .map((line) => `  ${line}`)),
    ...hints.map((hint) => `${style.cyan('hint:')} ${clean(hint)}`),
    ...(request_id === undefined ? [] : [`${style.dim('request id:')} ${clean(request_id)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A failure for a program: one line of JSON. */
export function failureLine(error: CliError): string {
  return `${jsonText({ error: error.toRecord() })}\n`;
}
