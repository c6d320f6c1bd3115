import { existsSync } from 'node:fs';
import { wordsOf } from '../files/io-error.ts';
import { readBytes } from '../files/read.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Which authorities a certificate was checked against. */
export interface Trust {
  readonly env: Variables;
  /** Whether the system's store was asked as well; false where Node.js cannot. */
  readonly hasAskedSystem: boolean;
}

/** The codes of a certificate whose authority is not among those that are trusted. */
export const distrust = /SELF_SIGNED|DEPTH_ZERO|UNABLE_TO/;

/** What is typed as of Node.js 20 lacks it. */
interface Stores {
  getCACertificates?(store: 'default' | 'system'): readonly string[];
}

/**
 * The authorities that Node.js trusts and those of the system's store. Undefined where Node.js cannot read that: before
 * 22.15. Reading it takes long enough to do it only after a refusal.
 */
export async function systemAuthorities(): Promise<string[] | undefined> {
  const { default: tls } = await import('node:tls');
  const { getCACertificates }: Stores = tls as Stores;
  if (getCACertificates === undefined) return undefined;
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

/** Why a certificate was refused, and what helps. */
export function explainDistrust({ env, hasAskedSystem }: Trust): { readonly reason: string; readonly hints: string[] } {
  const useless = uselessExtra(env);
  const asked = [
    'Node.js',
    ...(hasAskedSystem ? ["the system's certificate store"] : []),
    ...(env.NODE_EXTRA_CA_CERTS === undefined || useless !== undefined ? [] : ['NODE_EXTRA_CA_CERTS']),
  ];
  const store = systemStores.find(existsSync);
  const ours = "if your company's proxy or server signs it: export NODE_EXTRA_CA_CERTS=/path/to/ca.pem";
  return {
    reason: `its certificate is not signed by an authority known to ${listed(asked)}`,
    hints: [
      useless ?? (env.NODE_EXTRA_CA_CERTS === undefined ? ours : `${ours}, with the certificate of that authority`),
      ...(hasAskedSystem ? [] : ["Node.js before 22.15 does not read the system's certificate store: use a newer one"]),
      ...(hasAskedSystem || store === undefined || env.NODE_EXTRA_CA_CERTS === store
        ? []
        : [`or give it that of this system: export NODE_EXTRA_CA_CERTS=${store}`]),
    ],
  };
}

/** Where Linux distributions and macOS keep the authorities as one file. */
const systemStores = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem'];

function listed(words: readonly string[]): string {
  return words.length === 1 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** Why NODE_EXTRA_CA_CERTS adds nothing, and what to do; undefined if it is not set, or does. */
export function uselessExtra({ NODE_EXTRA_CA_CERTS: path }: Variables): string | undefined {
  if (path === undefined) return undefined;
  const named = `NODE_EXTRA_CA_CERTS names "${path}", which`;
  try {
    const bytes = readBytes(path, { maxBytes: 16 * 1024 * 1024 });
    if (/-----BEGIN (?:TRUSTED )?CERTIFICATE-----/.test(bytes.toString('latin1'))) return undefined;
    // Every certificate in DER begins like this.
    return bytes[0] === 0x30
      ? `${named} is in DER, and Node.js reads only PEM: openssl x509 -inform der -in FILE -out ca.pem`
      : `${named} holds no certificate in PEM`;
  } catch (error) {
    return `${named} cannot be read: ${wordsOf(error)}`;
  }
}
