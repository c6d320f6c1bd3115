import type { InputType } from 'node:zlib';

/** Bytes that a response may have, counted after decoding. */
export const bodyLimit = 10 * 1024 * 1024;

/** Imported once: a list may have a thousand bodies. */
let zlib: typeof import('node:zlib') | undefined;

/** Loaded when first needed, which takes 2 ms. */
export async function loadDecoders(): Promise<typeof import('node:zlib')> {
  zlib ??= await import('node:zlib');
  return zlib;
}

/** Why a body cannot be decoded. */
export class DecodeError extends Error {}

/** Decodes the body by its `content-encoding` or, as gateways forget that, by gzip's first bytes. */
export async function decodeBody(body: Buffer, label: string): Promise<Buffer> {
  const coding = codingOf(body, label.trim().toLowerCase());
  if (coding === undefined || body.length === 0) return body;
  const loaded = zlib ?? (await loadDecoders());
  const decoders = { gzip: loaded.gunzipSync, deflate: inflate(loaded), br: loaded.brotliDecompressSync } as const;
  try {
    return decoders[coding](body, { maxOutputLength: bodyLimit });
  } catch (error) {
    const tooBig = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new DecodeError(tooBig ? tooBigReason : `it is not valid ${coding}`, { cause: error });
  }
}

export const tooBigReason = `it is larger than ${bodyLimit / 1024 / 1024} MiB`;

type Coding = 'gzip' | 'deflate' | 'br';

function codingOf(body: Buffer, label: string): Coding | undefined {
  if (label === 'x-gzip' || label === 'gzip') return 'gzip';
  if (label === 'deflate' || label === 'br') return label;
  if (label !== '' && label !== 'identity')
    throw new DecodeError(`its content encoding "${label.slice(0, 40)}" is unknown`);
  return body[0] === 0x1f && body[1] === 0x8b ? 'gzip' : undefined;
}

/** `deflate` means the zlib format, but some servers leave out its header. */
function inflate({ inflateSync, inflateRawSync }: typeof import('node:zlib')) {
  return (body: InputType, options: { maxOutputLength: number }) => {
    const hasHeader = Buffer.isBuffer(body) && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
    return hasHeader ? inflateSync(body, options) : inflateRawSync(body, options);
  };
}
