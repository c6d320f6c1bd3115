import { zshEngine } from './engines/zsh.ts';
import { scopes, type Word, type Words } from './source.ts';
import { type ArgumentSpec, type CommandSpec, everyCommand, type OptionSpec } from './spec.ts';
import { called, tablesOf } from './tables.ts';

/** A script for zsh, to lie as `_invite` in a folder of `fpath`. */
export function zshScript(program: CommandSpec): string {
  return [
    '#compdef invite\n# Completion of invite for zsh, written by: invite completion zsh',
    `typeset -ga invite_scopes=(${scopes.map(quote).join(' ')})`,
    `# What every command takes.\ntypeset -ga invite_options=(\n${program.options.map((one) => `  ${option(one)}`).join('\n')}\n)`,
    wordsFunction(tablesOf(program).words),
    ...everyCommand(program).map(commandFunction),
    zshEngine,
  ].join('\n\n');
}

function commandFunction(command: CommandSpec): string {
  const isGroup = command.commands.length > 0;
  const own = command.path === '' ? [] : command.options.map(option);
  const places = isGroup ? ["'1: :->command'", "'*:: :->below'"] : command.arguments.map(argument);
  const flags = isGroup ? "-C -s -S -A '-*'" : '-s -S';
  const call = [`  _arguments ${flags} "\${invite_options[@]}"`, ...[...own, ...places].map((one) => `    ${one}`)];
  const head = [`${nameOf(command.path)}() {`, `  invite_path=${quote(command.path)}`, call.join(' \\\n')];
  return [...head, ...(isGroup ? branches(command) : []), '}'].join('\n');
}

/** What stands where a command is due, and what follows one. */
function branches({ commands }: CommandSpec): string[] {
  return [
    '  case $state in',
    '    command)',
    '      local -a commands=(',
    ...commands.map(({ names: [name = ''], summary }) => `        ${quote(`${name}:${summary}`)}`),
    '      )',
    '      _describe -V -t commands command commands',
    '      ;;',
    '    below)',
    '      case $line[1] in',
    ...commands.map(({ names, path }) => `        ${names.join(' | ')}) ${nameOf(path)} ;;`),
    '      esac',
    '      ;;',
    '  esac',
  ];
}

function nameOf(path: string): string {
  return `_invite_at_${path.replaceAll(/[^a-z]/g, '_')}`;
}

/** As `_arguments` wants it: which options it excludes, its spellings, its meaning, its value. */
function option({ flags, summary, repeatable, value }: OptionSpec): string {
  const spelled = flags.map((flag) => (value === undefined ? flag : flag.startsWith('--') ? `${flag}=` : `${flag}+`));
  const rest = quote(`[${summary.replaceAll(/[[\]\\]/g, '\\$&')}]${value === undefined ? '' : `:${place(value)}`}`);
  const times = repeatable ? "'*'" : flags.length > 1 ? quote(`(${flags.join(' ')})`) : '';
  return spelled.length > 1 ? `${times}{${spelled.join(',')}}${rest}` : `${times}${spelled[0]}${rest}`;
}

function argument(spec: ArgumentSpec, index: number): string {
  return quote(`${spec.variadic ? '*' : index + 1}:${place(spec)}`);
}

/** What it is called, and what completes it; a blank before that keeps zsh from adding words of its own. */
function place({ name, source }: ArgumentSpec): string {
  const action = source.kind === 'nothing' ? ' ' : source.kind === 'files' ? '_files' : ` _invite_${called(source)}`;
  return `${name.replaceAll(':', '\\:')}:${action}`;
}

function wordsFunction(words: readonly (readonly [name: string, choices: readonly Words[]])[]): string {
  const cases = words.flatMap(([name, all]) =>
    all.map(({ under, words }) => `    ${quote(`${name} ${under}`)}*) ${assign(words)} ;;`),
  );
  return [
    '# The words that are known beforehand, for a command.',
    '_invite_words() {',
    '  case "$1 $invite_path" in',
    ...cases,
    '  esac',
    '}',
  ].join('\n');
}

/** Plain words, or words with meanings in the form that `_describe` takes. */
function assign(words: readonly Word[]): string {
  const isExplained = words.some(({ meaning }) => meaning !== '');
  const texts = words.map(({ text, meaning }) =>
    quote(isExplained ? `${text.replaceAll(':', '\\:')}:${meaning}` : text),
  );
  return `${isExplained ? 'meanings' : 'choices'}=(${texts.join(' ')})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
