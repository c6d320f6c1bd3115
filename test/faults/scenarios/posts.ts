import type { Exchange, Fault, Reply, Scenarios } from '../exchange.ts';
import {
  always,
  but,
  conflict,
  cutInBody,
  drop,
  failure,
  first,
  hangInBody,
  hangProcessed,
  html,
  instead,
  json,
  lose,
  on,
} from '../faults.ts';
import { later } from './answers.ts';

/** A busy server, although the request has taken effect. */
const retryLater = json(503, { errors: [{ detail: 'Back in a moment' }] }, { 'Retry-After': '1' });

/** POSTs whose response is lost, late, unreadable or unexpected. A mail is sent whenever one takes effect. */
export const posts = {
  'post-lost': { fault: on('create', lose) },
  'post-lost-reissue': { rules: { reinvite: 'same_id' }, fault: on('create', lose) },
  'post-lost-lowercase': { rules: { email_case: 'lowered' }, fault: on('create', lose) },
  'post-lost-late': { rules: { list_lag: 12_000, reissue: 'conflict' }, fault: on('create', first(1, lose)) },
  'post-lost-list-down': { fault: listDownAfterPost(lose) },
  'post-hang-processed': { fault: on('create', hangProcessed) },
  'post-dropped': { rules: { reissue: 'second_id' }, fault: on('create', first(1, drop)) },
  'post-dropped-forever': { fault: on('create', drop) },
  'post-429-once': { rules: { reissue: 'second_id' }, fault: on('create', first(1, later(1))) },
  // Each POST takes effect, and each response asks for another one.
  'post-503-retry-after-processed': { rules: { reissue: 'second_id' }, fault: on('create', instead(retryLater)) },
  'post-lost-list-lags': { rules: { list_lag: 5000, reissue: 'second_id' }, fault: on('create', lose) },
  reissue: { rules: { reissue: 'new_id' } },
  'post-200': { fault: on('create', but({ status: 200 })) },
  'post-201-html': { fault: on('create', instead(html(201, 'Created'))) },
  'post-201-other-email': { fault: on('create', instead(otherEmail)) },
  'post-201-cut-unlisted': { rules: { list_lag: 600_000, reissue: 'second_id' }, fault: on('create', cutInBody) },
  'post-201-hang-unlisted': { rules: { list_lag: 600_000, reissue: 'second_id' }, fault: on('create', hangInBody) },
  'post-201-errors': { fault: on('create', always({ ...failure(400, 'It did not work'), status: 201 })) },
  'post-409': { fault: on('create', ({ url }) => conflict(url)) },
  'post-402': {
    fault: on('create', always(failure(402, 'The request would exceed the quota: invitations', 'quota_exceeded'))),
  },
  'post-422-bad': { fault: on('create', refuseBad) },
  'post-401': { fault: on('create', always(failure(401, 'Valid authentication credentials must be provided'))) },
  'post-403': { fault: on('create', always(failure(403, 'You may not invite', 'user_unauthorized'))) },
  'bind-forbidden': { fault: on('bind', always(failure(403, 'Forbidden Access'))) },
  'bind-exists': { fault: on('bind', always(failure(409, 'The role binding already exists'))) },
  'bind-429-once': { fault: on('bind', first(1, later(1))) },
  'bind-500': { fault: on('bind', always(failure(500, 'Something broke'))) },
} satisfies Scenarios;

/** The list fails once an invitation was created. */
function listDownAfterPost(fault: Fault): Fault {
  return async (exchange) => {
    if (exchange.request.kind === 'create') return fault(exchange);
    const mails = [...(await exchange.sandbox.mails()).values()];
    return mails.some((count) => count > 0) ? failure(503, 'Gone fishing') : exchange.honest();
  };
}

function otherEmail(_: Exchange, honest: Reply) {
  const row = JSON.parse(String(honest.body)) as Record<string, unknown>;
  return { ...honest, body: JSON.stringify({ ...row, email: 'somebody.else@example.net' }) };
}

function refuseBad(exchange: Exchange) {
  const { email } = JSON.parse(exchange.request.body) as { email: string };
  return email.startsWith('bad')
    ? failure(422, `"${email}" is not acceptable`, 'invalid_configuration')
    : exchange.honest();
}
