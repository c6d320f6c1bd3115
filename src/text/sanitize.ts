/**
 * A pattern over properties of Unicode characters, made when first needed. As a literal it would open V8's tables of
 * them when the file is read, whether or not it ever runs: 3 ms of a start.
 */
export function lazyPattern(source: string, flags: string): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, flags);
    return pattern;
  };
}

// What a terminal obeys or hides instead of showing: control characters, invisible and direction-changing ones, lone
// surrogates. An emoji may keep the selector that only makes it colorful. `##[` anywhere in a line and `::` at its
// start are commands to the log of a GitHub workflow.
const unseen = String.raw`(?!(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f])[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{DI}]`;
const marker = String.raw`(?<=##)\[`;
const inText = lazyPattern(`[\\x00-\\x1f]|${unseen}|${marker}`, 'gu');
const inLines = lazyPattern(`[\\x00-\\x09\\x0b-\\x1f]|${unseen}|${marker}`, 'gu');
const inJson = lazyPattern(`${unseen}|${marker}`, 'gu');
const commandStart = /^([^\S\n]*):(?=:)/gm;

// Blocks of letters and marks of which a terminal obeys and hides none: Latin, Greek, Cyrillic, Armenian and Hebrew,
// punctuation, Chinese, Japanese and Korean. Most texts hold nothing else and are spared the pattern above, which looks
// up the properties of each character and takes twenty times as long. No `[` in a text, so that `##[` is not.
const harmless =
  /^[\x20-\x5a\x5c-\x7e\xa0-\xac\xae-\u02ff\u0370-\u05ff\u1e00-\u1fff\u2010-\u2027\u3000-\u3163\u3165-\ud7ff]*$/;
const harmlessJson =
  /^[\n\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u05ff\u1e00-\u1fff\u2010-\u2027\u3000-\u3163\u3165-\ud7ff]*$/;

/** One line that a terminal shows as it is: what it would obey or hide is spelled out, as in `\x1b` and `\u202e`. */
export function clean(text: string): string {
  return harmless.test(text) ? text : text.replace(inText(), spelled);
}

/** The same for a text of several lines, none of which a GitHub workflow takes for a command. */
export function cleanLines(text: string): string {
  return escapeWorkflowCommands(harmless.test(text) ? text : text.replace(inLines(), spelled));
}

/** The same for a single line that begins with this text. */
export function cleanLine(text: string): string {
  return escapeWorkflowCommands(clean(text));
}

/** Spells out the first colon of each line that begins with `::`, blanks not counted: they do not stop the command. */
export function escapeWorkflowCommands(text: string): string {
  return text.includes('::') ? text.replace(commandStart, String.raw`$1\x3a`) : text;
}

/** The same value, in JSON that a terminal shows as it is: `JSON.stringify` alone leaves all but C0 and surrogates raw. */
export function jsonSafe(json: string): string {
  return isHarmlessJson(json) ? json : json.replace(inJson(), escaped);
}

function isHarmlessJson(json: string): boolean {
  if (json.includes('##[')) return false;
  // As many bytes as characters are ASCII; to count them is eight times as fast as a pattern.
  return Buffer.byteLength(json) === json.length ? !json.includes('\x7f') : harmlessJson.test(json);
}

function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return code > 0xff ? escaped(character) : `\\x${code.toString(16).padStart(2, '0')}`;
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}

/**
 * The beginning of a text that is far too long, with `…` for the rest: at most this many UTF-16 units, and no character
 * cut in two. Columns of a terminal are counted by `truncateToWidth`, which has to load the widths of characters.
 */
export function truncate(text: string, units: number): string {
  if (text.length <= units) return text;
  const kept = text.slice(0, units - 1);
  const isCut = /[\ud800-\udbff]$/.test(kept);
  return `${isCut ? kept.slice(0, -1) : kept}…`;
}

/** ASCII letters in lower case, others unchanged: how e-mails are compared, and texts sorted. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Compares code units, so that the order does not depend on the locale. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
