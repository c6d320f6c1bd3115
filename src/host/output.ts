import { fstatSync, writeSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { wordsOf } from '../files/io-error.ts';

/** The reader of stdout has closed the pipe (`| head`): no failure, but nothing more can be written. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

export interface Output {
  readonly isTTY: boolean;
  /** The current width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
  readonly stream: NodeJS.WriteStream;
  /** Resolves when the text is written. Rejects with `OutputClosed` if the reader has closed the pipe, else with `io_error`. */
  write(text: string): Promise<void>;
}

/**
 * The stream is opened only if needed: that loads `node:net` and takes 4 ms. Node writes to files and pipes synchronously
 * anyway, so until the stream is open, texts are written to the file descriptor.
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

/** The number of bytes written. For the rest the stream meets the same obstacle again, and waits or reports it. */
function writeNow(fd: number, bytes: Buffer): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
  } catch {}
  return written;
}

function writeFailure(error: Error & { code?: string }, name: string): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new OutputClosed();
  return new CliError('io_error', `cannot write to ${name}`, { reason: wordsOf(error), cause: error });
}
