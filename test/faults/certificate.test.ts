import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createAuthority, createCertificate } from './certificate.ts';
import { withServer } from './client.ts';

describe('certificates', () => {
  const authority = createAuthority('Test Root');

  test.each([
    ['signed by a known root', { names: ['127.0.0.1'], issuer: authority }, 'authorized'],
    ['signed by itself', { names: ['127.0.0.1'] }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', { names: ['127.0.0.1'], issuer: authority, until: -1000 }, 'CERT_HAS_EXPIRED'],
    ['for another host', { names: ['elsewhere.example'], issuer: authority }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('one that is %s: %o', (_, options, expected) =>
    withServer({ tls: createCertificate(options) }, async ({ port }) => {
      const result = await new Promise((resolve) => {
        const socket = connectTls({ host: '127.0.0.1', port, ca: authority.cert }, () => {
          resolve(socket.authorized ? 'authorized' : socket.authorizationError);
          socket.destroy();
        });
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect(result).toBe(expected);
    }),
  );
});
