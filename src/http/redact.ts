/** Keeps secrets out of every text that a person or a log gets to see. */
export interface Redactor {
  /** From now on this text, in whatever coding, is not shown. */
  learn(secret: string): void;
  redact(text: string): string;
}

const mask = '[redacted]';

/** What is a secret by its looks: Confluent's own, and the values of the header that carries them. */
const patterns: readonly [RegExp, string][] = [
  [/cflt[\w+/=%-]{8,}/g, mask],
  [/\b(basic|bearer)(\s+|%20)[\w+/=%.~-]{16,}/gi, `$1 ${mask}`],
  [/(authorization["']?\s*[:=]\s*["']?)(?:(?:basic|bearer)\s+)?[^\s"',;}<]+/gi, `$1${mask}`],
];

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  // Made when first needed: a run in which nothing fails shows no text that could hold one.
  let longestFirst: readonly string[] | undefined;
  return {
    learn(secret) {
      if (secret.length < 4 || secrets.has(secret)) return;
      secrets.add(secret);
      longestFirst = undefined;
    },
    redact(text) {
      let shown = text;
      longestFirst ??= [...new Set([...secrets].flatMap(formsOf))].sort((a, b) => b.length - a.length);
      for (const form of longestFirst) shown = shown.replaceAll(form, mask);
      for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
      return shown;
    },
  };
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64');
  const plain = [secret, base64, base64.replace(/=+$/, ''), bytes.toString('base64url')];
  return plain.flatMap((form) => [
    form,
    ...urlForms(form),
    JSON.stringify(form).slice(1, -1),
    form.replaceAll('/', '\\/'),
  ]);
}

function urlForms(text: string): readonly string[] {
  const encoded = encodeURIComponent(text);
  const lower = encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [encoded, lower, new URLSearchParams({ t: text }).toString().slice(2)];
}
