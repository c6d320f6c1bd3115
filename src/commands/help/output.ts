import { outcomes } from '../../changes/result.ts';
import { invitationFields } from '../../invitations/columns.ts';
import { states } from '../../invitations/invitation.ts';
import type { Format } from '../../output/formats.ts';
import { commands, page, prose, terms } from './page.ts';

const meanings: Readonly<Record<Format, string>> = {
  table: 'for people: fitted to a terminal; piped, plain columns without colour or cuts',
  json: 'one document: an object for one target, an array for several or a list',
  ndjson: 'an object a line, each as soon as it is known',
  csv: 'a header and rows, RFC 4180',
  yaml: 'a mapping for one target, a sequence for several or a list',
  id: 'an id a line, for the next command',
};

export function outputTopic(): string {
  return page(
    prose('stdout carries the result and nothing else; questions, hints, progress and errors go to stderr.'),
    commands(
      `invite list -o json | jq -r '.[] | select(.state=="pending") | .email'`,
      'invite list -o csv --fields email,state,metadata.created_at',
      'invite list --status expired -o id | invite delete - --yes',
    ),
    `Formats, for -o or INVITE_OUTPUT:\n${terms([...Object.entries(meanings), ['markdown', 'for a page or an issue; only of "invite report"']])}`,
    prose(`Fields have the names that the API gives them, and those it adds come through. For --fields and --sort:
      ${list(invitationFields.filter((field) => !/\.(related|resource_name|api_version|kind)$/.test(field)))}, and every
      other field inside user, creator and metadata.`),
    prose(`One field is added to an invitation: "state", which is ${list(states)}. An invitation past its expires_at is
      expired, even while its status still says that it was sent.`),
    prose(`Results of changes add "outcome", which is ${list(outcomes)}; "roles" and "error" where there are any.`),
    prose(`Times are RFC 3339 in UTC, as the API sent them; only a terminal shows them in words. A cell that a spreadsheet
      would run as a formula gets a leading ' in csv, unless --csv-raw is given.`),
  );
}

function list(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
