import { answerCheck, clockCheck, keyCheck, listCheck, rateCheck } from './answers.ts';
import type { Check } from './check.ts';
import { credentialsCheck, endpointCheck } from './credentials.ts';
import { configCheck, nodeCheck } from './machine.ts';
import { createCheck, organizationCheck, ownerCheck } from './organization.ts';
import { quotaCheck } from './quota.ts';
import { completionCheck, journalCheck } from './traces.ts';
import { connectionCheck, dnsCheck, proxyCheck } from './way.ts';

/** Everything that is examined, causes before their effects. */
export const checks: readonly Check[] = [
  nodeCheck,
  configCheck,
  credentialsCheck,
  endpointCheck,
  proxyCheck,
  dnsCheck,
  connectionCheck,
  answerCheck,
  clockCheck,
  keyCheck,
  ownerCheck,
  organizationCheck,
  listCheck,
  createCheck,
  quotaCheck,
  rateCheck,
  completionCheck,
  journalCheck,
];
