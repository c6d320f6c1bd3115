import { CliError, OutputClosed } from '../errors.ts';

export interface Output {
  readonly isTTY: boolean;
  /** Columns of the terminal at this moment; undefined where there is none. */
  readonly columns: number | undefined;
  readonly stream: NodeJS.WriteStream;
  /** Resolves when the text is out of our hands. Rejects with `OutputClosed` if the reader left, else with `io_error`. */
  write(text: string): Promise<void>;
}

/** The streams are opened when first used: each costs milliseconds at start. */
export function output(open: () => NodeJS.WriteStream, name: string): Output {
  let failure: Error | undefined;
  let stream: NodeJS.WriteStream | undefined;
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
      return open().isTTY === true;
    },
    get columns() {
      return open().columns;
    },
    get stream() {
      return opened();
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        opened().write(text, (error) => (error ? reject(writeFailure(error, name)) : resolve()));
      }),
  };
}

function writeFailure(error: Error & { code?: string }, name: string): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new OutputClosed();
  return new CliError('io_error', `cannot write to ${name}`, { reason: error.code ?? error.message, cause: error });
}
