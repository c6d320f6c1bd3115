import type { Host } from '../host.ts';
import type { Redactor } from '../http/redact.ts';
import { cleanLines } from '../output/sanitize.ts';
import type { Globals } from './globals.ts';

/** Something on the terminal that lines must not be written into. */
export interface Drawing {
  hide(): void;
  show(): void;
}

/** Words on stderr: cleaned, redacted, and out of the way of what is drawn there. */
export interface Voice {
  print(text: string): void;
  /** The same, unless `--quiet` asks for silence. */
  say(text: string): void;
  /** What is only of use to somebody who looks at a table. */
  remark(text: string): void;
  drawn(drawing: Drawing | undefined): void;
  /** Draws a line in place of the one before and of what is drawn; undefined takes it away. */
  status(line: string | undefined): void;
  /** Lets the line make room for what is written to the terminal by other ways. */
  aside<T>(write: () => T): T;
}

interface VoiceOptions {
  readonly host: Host;
  readonly globals: Globals;
  readonly redactor: Redactor;
}

export function createVoice({ host, globals, redactor }: VoiceOptions): Voice {
  let drawing: Drawing | undefined;
  let line: string | undefined;
  const draw = (text: string) => void host.stderr.write(text).catch(() => {});
  const aside = <T>(write: () => T): T => {
    if (line === undefined) return write();
    draw(clearLine);
    const result = write();
    draw(line);
    return result;
  };
  const print = (text: string) => {
    const words = cleanLines(redactor.redact(text)).replace(/\n*$/, '\n');
    drawing?.hide();
    // A reader of stderr that has gone is no reason to stop.
    aside(() => host.stderr.write(words).catch(() => {}));
    drawing?.show();
  };
  const say = (text: string) => (globals.quiet ? undefined : print(text));
  return {
    print,
    say,
    remark: (text) => (globals.output === 'table' ? say(text) : undefined),
    drawn: (now) => {
      drawing = now;
      if (line !== undefined) now?.hide();
    },
    status: (text) => {
      if (line === undefined && text !== undefined) drawing?.hide();
      if (line !== undefined) draw(clearLine);
      const wasShown = line !== undefined;
      line = text === undefined ? undefined : fitted(cleanLines(redactor.redact(text)), host.stderr.columns);
      if (line !== undefined) draw(line);
      else if (wasShown) drawing?.show();
    },
    aside,
  };
}

const clearLine = '\r\u001b[K';

/** On one line: one that wraps could not be drawn over. */
function fitted(text: string, columns = 80): string {
  return text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`;
}
