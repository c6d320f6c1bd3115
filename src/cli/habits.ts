import { shellQuote } from '../text/shell.ts';

/** What stands on a command line behind a word that belongs to another tool. */
interface Typed {
  /** The words after it that are no options, as they can be typed again. */
  readonly rest: readonly string[];
}

type Habit = (typed: Typed) => readonly string[];

const always =
  (...lines: readonly string[]): Habit =>
  () =>
    lines;

/** The line with what was typed behind the word, or with an example of it. */
const withTarget =
  (line: string, example = 'ann@example.com'): Habit =>
  ({ rest }) => [`${line} ${rest.length > 0 ? rest.join(' ') : example}`];

const invitations = always('invite list');
const people = always('invite people');
const toCreate = withTarget('invite create');
const toDelete = withTarget('invite delete');

/** Commands of other tools (gh, kubectl, aws, terraform, the Confluent CLI), and the line that does it here. */
const commands: Readonly<Record<string, Habit>> = {
  login: always('invite auth login'),
  signin: always('invite auth login'),
  configure: always('invite auth login'),
  config: always('invite auth list'),
  init: always('invite auth login'),
  logout: always('invite auth logout'),
  whoami: always('invite auth status'),
  status: always('invite auth status'),
  profile: always('invite auth list'),
  version: always('invite --version'),
  describe: withTarget('invite get'),
  view: withTarget('invite get'),
  read: withTarget('invite get'),
  find: withTarget('invite people'),
  search: withTarget('invite people'),
  add: toCreate,
  new: toCreate,
  send: toCreate,
  invite: toCreate,
  remind: withTarget('invite resend'),
  revoke: ({ rest }) =>
    rest.length > 1
      ? [`invite role revoke ${rest.join(' ')}`]
      : [...toDelete({ rest }), `invite role revoke ${rest[0] ?? 'ann@example.com'} ROLE`],
  cancel: toDelete,
  withdraw: toDelete,
  uninvite: toDelete,
  destroy: toDelete,
  kick: withTarget('invite remove'),
  offboard: withTarget('invite remove'),
  user: people,
  member: people,
  person: people,
  admin: always('invite people --admins'),
  invitation: invitations,
  grant: ({ rest }) => [`invite role grant ${rest.length > 0 ? rest.join(' ') : 'ann@example.com ROLE'}`],
  // An invitation cannot be changed.
  update: ({ rest: [who = 'ann@example.com'] }) => [
    `invite role grant ${who} ROLE`,
    `invite delete ${who}`,
    `invite create ${who}`,
  ],
  upload: withTarget('invite import', 'people.csv'),
  bulk: withTarget('invite import', 'people.csv'),
  sync: withTarget('invite apply', 'people.yaml'),
  diff: withTarget('invite plan', 'people.yaml'),
  role: always('invite help roles', 'invite people'),
  iam: always('invite list', 'invite create ann@example.com'),
};
const aliases: Readonly<Record<string, string>> = { edit: 'update', set: 'update', patch: 'update', change: 'update' };

/**
 * What to type instead of a command that is not known; empty if the word is nobody's.
 * @param operands That word and what follows it, without options and their values.
 */
export function habitOfCommand(
  [word = '', ...operands]: readonly string[],
  known: readonly string[],
): readonly string[] {
  const name = word.toLowerCase();
  const rest = operands.map(shellQuote);
  for (const one of [name, name.replace(/s$/, '')]) {
    const habit = own(commands, own(aliases, one) ?? one);
    if (habit !== undefined) return habit({ rest });
    if (known.includes(one)) return [['invite', one, ...rest].join(' ')];
  }
  return [];
}

/** The commands that have an option of this name, the command that is called, and its words. */
interface OptionTyped {
  readonly command: string;
  readonly argv: readonly string[];
  readonly hasYes: boolean;
}

/** What to type instead of an option that is not known; empty if it is nobody's. */
export function habitOfOption(flag: string, { command, argv, hasYes }: OptionTyped): readonly string[] {
  switch (flag) {
    case '--force':
    case '-f':
      return hasYes ? ['--yes answers the question'] : [];
    case '--all':
    case '-A':
    case '-a':
      return allOf(command);
    case '--verbose':
    case '-v':
      return command === '' ? ['invite --version', '--debug shows the requests'] : ['--debug shows the requests'];
    case '--format':
    case '--output-format':
      return [`-o ${shellQuote(valueAfter(flag, argv) ?? 'json')}`];
    case '--role':
    case '--admins':
    case '--admin': {
      const value =
        flag === '--role' ? ['--role', shellQuote(valueAfter(flag, argv) ?? 'OrganizationAdmin')] : ['--admins'];
      return command === 'list' ? [['invite', 'people', ...value].join(' ')] : [];
    }
    case '--state':
      return ['list', 'delete', 'resend'].includes(command) ? ['--status is its name here'] : [];
    case '--jq':
    case '--query':
      return ['invite list -o json | jq'];
    default:
      return [];
  }
}

/** All pages are always listed; changes take a filter, never everybody. */
function allOf(command: string): readonly string[] {
  switch (command) {
    case 'list':
    case 'people':
      return [`invite ${command}`];
    case 'delete':
    case 'resend':
      return [`invite ${command} --status pending`];
    case 'remove':
      return ['invite remove --state pending'];
    default:
      return [];
  }
}

/** gh's `--json id,email`: the fields where `--json` takes none. */
export function habitOfJson(argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('--json');
  const fields = argv[at + 1] ?? '';
  if (at < 0 || !/^[a-z_]+(?:\.[a-z_]+)*(?:,[a-z_]+(?:\.[a-z_]+)*)*$/.test(fields)) return [];
  const line = [...argv.slice(0, at + 1), '--fields', ...argv.slice(at + 1)];
  return [['invite', ...line.map(shellQuote)].join(' ')];
}

const formats: Readonly<Record<string, string>> = {
  jsonl: 'did you mean "ndjson"?',
  jsonlines: 'did you mean "ndjson"?',
  name: 'did you mean "id"?',
  names: 'did you mean "id"?',
  ids: 'did you mean "id"?',
  yml: 'did you mean "yaml"?',
  md: 'did you mean "markdown"?',
  text: 'did you mean "table"?',
  human: 'did you mean "table"?',
  plain: 'did you mean "table"?',
  wide: '--fields picks the columns of a table',
  tsv: 'did you mean "csv"?',
};

/** What to type instead of an output format of another tool. */
export function habitOfFormat(name: string): readonly string[] {
  const hint = own(formats, name.toLowerCase());
  return hint === undefined ? [] : [hint];
}

function valueAfter(flag: string, argv: readonly string[]): string | undefined {
  const at = argv.findIndex((one) => one === flag || one.startsWith(`${flag}=`));
  const joined = argv[at]?.slice(flag.length + 1);
  return joined ? joined : argv[at + 1];
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
