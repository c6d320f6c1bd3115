/** Keeps secrets out of messages and logs. */
export type Redactor = ReturnType<typeof createRedactor>;

const mask = '[redacted]';

/** Patterns of secrets: those of Confluent, and the values of the Authorization header. */
const patterns: readonly [RegExp, string][] = [
  [/cflt[\w+/=%-]{8,}/g, mask],
  // A JSON Web Token, as most access tokens are; the last part may be cut off.
  [/\beyJ[\w-]{8,}\.[\w-]*(?:\.[\w-]*)?/g, mask],
  [/\b(basic|bearer)(\s+|%20)[\w+/=%.~-]{16,}/gi, `$1 ${mask}`],
  [/(authorization["']?\s*[:=]\s*["']?)(?:(?:basic|bearer)\s+)?[^\s"',;}<]+/gi, `$1${mask}`],
];

export function createRedactor() {
  const secrets = new Set<string>();
  // Computed when first needed: a run without failures and logs needs no redaction.
  let encodings: readonly string[] | undefined;
  return {
    /** From now on this text is redacted, in whatever encoding. */
    addSecret(secret: string): void {
      if (secret.length < 4 || secrets.has(secret)) return;
      secrets.add(secret);
      encodings = undefined;
    },
    redact(text: string): string {
      let shown = text;
      encodings ??= [...new Set([...secrets].flatMap(encodingsOf))].sort((a, b) => b.length - a.length);
      for (const form of encodings) shown = shown.replaceAll(form, mask);
      for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
      return redactPrefixes(shown, encodings);
    },
  };
}

/** A cut-off secret is redacted from this number of characters on. */
const minPrefix = 20;

/** Redacts the beginnings of secrets that were cut off, as in the excerpt of a long response. */
function redactPrefixes(text: string, forms: readonly string[]): string {
  let shown = text;
  for (const start of new Set(
    forms.filter(({ length }) => length > minPrefix).map((form) => form.slice(0, minPrefix)),
  )) {
    for (let at = shown.indexOf(start); at >= 0; at = shown.indexOf(start, at + mask.length)) {
      const lengths = forms.map((form) => commonPrefixLength(form, shown, at));
      shown = `${shown.slice(0, at)}${mask}${shown.slice(at + Math.max(...lengths))}`;
    }
  }
  return shown;
}

function commonPrefixLength(form: string, text: string, at: number): number {
  let length = 0;
  while (length < form.length && form[length] === text[at + length]) length += 1;
  return length;
}

function encodingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64');
  const plain = [secret, base64, base64.replace(/=+$/, ''), bytes.toString('base64url'), ...embeddedBase64(bytes)];
  return plain.flatMap((form) => [
    form,
    ...urlForms(form),
    JSON.stringify(form).slice(1, -1),
    form.replaceAll('/', '\\/'),
  ]);
}

/** Its base64 after one or two other bytes, as in `key:secret`, without the characters that depend on its neighbours. */
function embeddedBase64(bytes: Buffer): readonly string[] {
  if (bytes.length < minPrefix) return [];
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

/**
 * The logins in what was typed or set as an endpoint, or looks like a URL: such an endpoint is refused, but error messages
 * quote what was typed.
 */
export function loginsIn(argv: readonly string[], variable: string | undefined): string[] {
  const values = argv.flatMap((word, index) => {
    const [, name, value = word] = /^(--[\w-]+)=(.*)$/s.exec(word) ?? [];
    // A role with a CRN for its scope has an @ as well.
    const isAddress = value.includes('://') && !value.includes('@crn://');
    const isEndpoint = [name, argv[index - 1]].includes('--endpoint') || isAddress;
    return isEndpoint ? [value] : [];
  });
  return [...values, variable ?? ''].flatMap((value) => {
    const [, login] = /^(?:[a-z][\w+.-]*:\/\/)?(.*@)/is.exec(value) ?? [];
    if (login === undefined) return [];
    const password = login.slice(login.indexOf(':') + 1, -1);
    return [login, password].flatMap((text) => [text, text.replaceAll("'", String.raw`'\''`)]);
  });
}
