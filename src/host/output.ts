import { fstatSync, writeSync } from 'node:fs';
import { CliError, OutputClosed } from '../errors.ts';

export interface Output {
  readonly isTTY: boolean;
  /** Columns of the terminal at this moment; undefined where there is none. */
  readonly columns: number | undefined;
  readonly stream: NodeJS.WriteStream;
  /** Resolves when the text is out of our hands. Rejects with `OutputClosed` if the reader left, else with `io_error`. */
  write(text: string): Promise<void>;
}

/**
 * A stream is opened when first used, and only where it must be: that loads `node:net` and takes 4 ms. To a file or a
 * pipe Node writes synchronously anyway, so until the stream is open, texts go straight to the descriptor.
 */
export function output(open: () => NodeJS.WriteStream, name: string, fd: number): Output {
  let failure: Error | undefined;
  let stream: NodeJS.WriteStream | undefined;
  let isDevice: boolean | undefined;
  const mayBeTerminal = () => {
    isDevice ??= isCharacterDevice(fd);
    return isDevice;
  };
  const opened = () => {
    if (stream === undefined) {
      stream = open();
      stream.on('error', (error) => {
        failure ??= writeFailure(error, name);
      });
    }
    return stream;
  };
  return {
    get isTTY() {
      return mayBeTerminal() && open().isTTY === true;
    },
    get columns() {
      return mayBeTerminal() ? open().columns : undefined;
    },
    get stream() {
      return opened();
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        const bytes = Buffer.from(text);
        const written = stream === undefined && !mayBeTerminal() ? writeNow(fd, bytes) : 0;
        if (written === bytes.length) return resolve();
        opened().write(bytes.subarray(written), (error) => (error ? reject(writeFailure(error, name)) : resolve()));
      }),
  };
}

function isCharacterDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return true;
  }
}

/** How many of the bytes went. Whatever keeps the rest back, the stream finds it again and waits for it or says it. */
function writeNow(fd: number, bytes: Buffer): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch {}
  return written;
}

function writeFailure(error: Error & { code?: string }, name: string): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new OutputClosed();
  return new CliError('io_error', `cannot write to ${name}`, { reason: error.code ?? error.message, cause: error });
}
