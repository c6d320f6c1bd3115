import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Certificate, createAuthority, createCertificate } from '../faults/certificate.ts';
import { startFaultServer } from '../faults/server.ts';
import { expectHarmless } from '../support/fault-rows.ts';
import { runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/run-cli.ts';

const authority = createAuthority('Test Root');
const good = createCertificate({ names: ['127.0.0.1'], issuer: authority });
const selfSigned = createCertificate({ names: ['127.0.0.1'] });
const wrongHost = createCertificate({ names: ['elsewhere.example'], issuer: authority });

const bundle = join(temporaryFolder(), 'root.pem');
writeFileSync(bundle, authority.cert);
const trusting = { NODE_EXTRA_CA_CERTS: bundle };
const elsewhere = /"code":"tls".*its certificate is for another host.*"retryable":false.*something else answers/;

test.concurrent.each<[string, Certificate, Record<string, string>, line: string, exit: number, said: RegExp]>([
  ['of an authority that a file names', good, trusting, 'list -o id', 0, /i-sent/],
  ['that signs itself', selfSigned, {}, 'list', 3, /DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/s],
  ['for another host', wrongHost, trusting, 'create new@example.com -o json', 3, elsewhere],
])('a certificate %s', async (_, tls, env, line, exit, said) => {
  const server = await startFaultServer({ tls });
  const outcome = await runBuilt(line.split(' '), { endpoint: server.url, env });
  await server.stop();
  expect([outcome.code, server.log.length]).toEqual([exit, exit === 0 ? 1 : 0]);
  expect(outcome.stdout + outcome.stderr).toMatch(said);
  await expectHarmless(outcome, server);
});
