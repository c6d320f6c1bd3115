/** Keeps secrets out of every text that a person or a log gets to see. */
export interface Redactor {
  /** From now on this text, in whatever coding, is not shown. */
  addSecret(secret: string): void;
  redact(text: string): string;
}

const mask = '[redacted]';

/** What is a secret by its looks: Confluent's own, and the values of the header that carries them. */
const patterns: readonly [RegExp, string][] = [
  [/cflt[\w+/=%-]{8,}/g, mask],
  // A JSON Web Token, as most access tokens are; the last part may be cut off.
  [/\beyJ[\w-]{8,}\.[\w-]*(?:\.[\w-]*)?/g, mask],
  [/\b(basic|bearer)(\s+|%20)[\w+/=%.~-]{16,}/gi, `$1 ${mask}`],
  [/(authorization["']?\s*[:=]\s*["']?)(?:(?:basic|bearer)\s+)?[^\s"',;}<]+/gi, `$1${mask}`],
];

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  // Made when first needed: a run in which nothing fails shows no text that could hold one.
  let longestFirst: readonly string[] | undefined;
  return {
    addSecret(secret) {
      if (secret.length < 4 || secrets.has(secret)) return;
      secrets.add(secret);
      longestFirst = undefined;
    },
    redact(text) {
      let shown = text;
      longestFirst ??= [...new Set([...secrets].flatMap(formsOf))].sort((a, b) => b.length - a.length);
      for (const form of longestFirst) shown = shown.replaceAll(form, mask);
      shown = withoutBeginnings(shown, longestFirst);
      for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
      return shown;
    },
  };
}

/** Characters of a secret that, where it was cut off after them, are too many to be shown. */
const tellingStart = 20;

/** Hides what is left of secrets that somebody cut off, as the excerpt of a long answer does. */
function withoutBeginnings(text: string, forms: readonly string[]): string {
  let shown = text;
  for (const start of new Set(
    forms.filter(({ length }) => length > tellingStart).map((form) => form.slice(0, tellingStart)),
  )) {
    for (let at = shown.indexOf(start); at >= 0; at = shown.indexOf(start, at + mask.length)) {
      const lengths = forms.map((form) => commonLength(form, shown, at));
      shown = `${shown.slice(0, at)}${mask}${shown.slice(at + Math.max(...lengths))}`;
    }
  }
  return shown;
}

/** How many characters of the text from there on are the beginning of the form. */
function commonLength(form: string, text: string, at: number): number {
  let length = 0;
  while (length < form.length && form[length] === text[at + length]) length += 1;
  return length;
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64');
  const plain = [secret, base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), ...insideBase64(bytes)];
  return plain.flatMap((form) => [
    form,
    ...urlForms(form),
    JSON.stringify(form).slice(1, -1),
    form.replaceAll('/', '\\/'),
  ]);
}

/** Its base64 where one or two bytes stand before it, as in `key:secret`; the characters at the ends depend on others. */
function insideBase64(bytes: Buffer): readonly string[] {
  if (bytes.length < tellingStart) return [];
  return [1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const whole = text.slice(before + 1, Math.floor(((before + bytes.length) * 4) / 3));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function urlForms(text: string): readonly string[] {
  const encoded = encodeURIComponent(text);
  const lower = encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [encoded, lower, new URLSearchParams({ t: text }).toString().slice(2)];
}
