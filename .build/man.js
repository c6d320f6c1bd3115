// Makes the man page out of what `invite help --json` prints, so that it says what the program accepts.

/** The text of `invite.1`, for groff's man macros. */
export function manPage(grammar) {
  const { name, version, description, commands, environment, exit_codes, formats, global_options, topics } = grammar;
  const examples = commands.flatMap((command) => command.examples.slice(0, 1));
  return `${[
    `.TH ${name.toUpperCase()} 1 "" "${name} ${text(version)}" "User Commands"`,
    ...section('NAME', [`${name} \\- ${text(lower(description))}`]),
    ...section('SYNOPSIS', [`.B ${name}`, '.I command', '[\\fIoptions\\fR]']),
    ...section('DESCRIPTION', [
      line(description),
      'Global options are accepted before and after the command.',
      line('Results go to stdout; prompts, progress and errors go to stderr.'),
    ]),
    ...section('COMMANDS', commands.flatMap(commandLines)),
    ...section('GLOBAL OPTIONS', global_options.flatMap(optionLines)),
    ...section(
      'OUTPUT FORMATS',
      formats.flatMap((one) => term(bold(one.name), one.description)),
    ),
    ...section(
      'ENVIRONMENT',
      environment.flatMap((one) => term(bold(one.name), one.description)),
    ),
    ...section('EXIT STATUS', exit_codes.flatMap(exitCodeLines)),
    ...section('EXAMPLES', ['.nf', ...examples.map(line), '.fi']),
    ...section(
      'HELP TOPICS',
      topics.flatMap((one) => term(bold(`${name} help ${one.name}`), one.summary)),
    ),
  ].join('\n')}\n`;
}

function section(title, lines) {
  return [`.SH ${title.includes(' ') ? `"${title}"` : title}`, ...lines];
}

function commandLines({ usage, aliases, description, options }) {
  const [, words = '', rest = ''] = /^([^[<]*[^[< ])(.*)$/.exec(usage) ?? [];
  const also = aliases.length === 0 ? '' : ` Alias: ${aliases.join(', ')}.`;
  return [
    `.SS "${bold(words)}${italic(rest)}"`,
    line(description + also),
    ...options.flatMap((option) => optionLines(option)),
  ];
}

function optionLines({ name, short, value, description, default: preset, environment }) {
  const flags = [...(short === null ? [] : [short]), name].map(bold).join(', ');
  const place = value === null ? '' : ` ${italic(value.placeholder)}`;
  const more = [
    ...(value?.closed ? [`One of ${value.values.join(', ')}.`] : []),
    ...(preset === null ? [] : [`Default: ${[preset].flat().join(', ')}.`]),
    ...(environment.length === 0 ? [] : [`Environment: ${environment.join(', ')}.`]),
  ];
  return term(`${flags}${place}`, [`${description}${more.length === 0 ? '' : '.'}`, ...more].join(' '));
}

function exitCodeLines({ exit_code, description, error_codes }) {
  const codes = error_codes.length === 0 ? '' : ` (${error_codes.join(', ')})`;
  return term(bold(String(exit_code)), description + codes);
}

/** @param tag Already escaped. */
function term(tag, meaning) {
  return ['.TP', tag, line(meaning)];
}

function bold(word) {
  return word === '' ? '' : `\\fB${text(word)}\\fR`;
}

function italic(word) {
  return word === '' ? '' : `\\fI${text(word)}\\fR`;
}

/** A line of running text: at its start a dot or a quote would be a request. */
function line(words) {
  const escaped = text(words);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function text(words) {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('…', '...')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
}

function lower(sentence) {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}
