import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, both PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  readonly names: readonly string[];
  /** Milliseconds from now, negative for the past. */
  readonly from?: number;
  readonly until?: number;
  readonly issuer?: Authority;
}

/** Somebody who signs. */
interface Authority {
  readonly name: string;
  readonly key: KeyObject;
  readonly cert: string;
}

const day = 86_400_000;

/** A root that nobody trusts unless told to. */
export function createAuthority(name: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = extension('551d13', sequence(Buffer.from('0101ff', 'hex')));
  const tbs = toBeSigned({ subject: name, issuer: name, from: -day, until: day }, publicKey, isAuthority);
  return { name, key: privateKey, cert: signed(tbs, privateKey) };
}

/** A server's certificate; without an issuer it signs itself. */
export function createCertificate({ names, from = -day, until = day, issuer }: CertificateOptions): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = names[0] ?? 'nobody';
  const span = { subject, issuer: issuer?.name ?? subject, from, until };
  const tbs = toBeSigned(span, publicKey, extension('551d11', sequence(...names.map(alternativeName))));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { cert: signed(tbs, issuer?.key ?? privateKey), key };
}

interface Span {
  readonly subject: string;
  readonly issuer: string;
  readonly from: number;
  readonly until: number;
}

const ecdsaWithSha256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

function toBeSigned({ subject, issuer, from, until }: Span, publicKey: KeyObject, extensions: Buffer): Buffer {
  return sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(utcTime(from), utcTime(until)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extensions)),
  );
}

function signed(tbs: Buffer, key: KeyObject): string {
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', tbs, key)]));
  const lines =
    sequence(tbs, ecdsaWithSha256, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function commonName(name: string): Buffer {
  const attribute = sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(name)));
  return sequence(der(0x31, attribute));
}

function alternativeName(name: string): Buffer {
  const address = name.split('.').map(Number);
  if (address.length === 4 && address.every(Number.isInteger)) return der(0x87, Buffer.from(address));
  return der(0x82, Buffer.from(name));
}

function utcTime(offset: number): Buffer {
  const text = new Date(Date.now() + offset).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(der(0x06, Buffer.from(oid, 'hex')), der(0x04, value));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}
