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
}

interface VoiceOptions {
  readonly host: Host;
  readonly globals: Globals;
  readonly redactor: Redactor;
}

export function createVoice({ host, globals, redactor }: VoiceOptions): Voice {
  let drawing: Drawing | undefined;
  const print = (text: string) => {
    const line = cleanLines(redactor.redact(text)).replace(/\n*$/, '\n');
    drawing?.hide();
    // A reader of stderr that has gone is no reason to stop.
    host.stderr.write(line).catch(() => {});
    drawing?.show();
  };
  const say = (text: string) => (globals.quiet ? undefined : print(text));
  return {
    print,
    say,
    remark: (text) => (globals.output === 'table' ? say(text) : undefined),
    drawn: (now) => {
      drawing = now;
    },
  };
}
