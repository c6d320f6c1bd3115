import { ok } from './answer.ts';
import { page } from './page.ts';
import { forbidden, missing } from './refusals.ts';
import { apiKeyOf } from './resources.ts';
import type { Look } from './rule.ts';

/** All of the organization, or those of one owner. */
export const listApiKeys: Look = (ask) => {
  if (ask.switches.api_keys !== 'readable') return forbidden('Forbidden Access');
  return page(ask, {
    api_version: 'iam/v2',
    kind: 'ApiKeyList',
    path: '/iam/v2/api-keys',
    maximum: 100,
    filters: ['spec.owner', 'spec.resource', 'show_expired'],
    scan: ({ place }) => ask.state.keys.after(place ?? -1),
    matches: ({ owner, resource }, query) =>
      (query.get('spec.owner') || owner) === owner && (query.get('spec.resource') || resource) === resource,
    resource: (row) => apiKeyOf(row, ask.base),
  });
};

export const getApiKey: Look = (ask) => {
  const isOwn = ask.id === ask.caller.api_key;
  if (ask.switches.api_keys === 'forbidden' || (ask.switches.api_keys === 'own_only' && !isOwn)) {
    return forbidden('Forbidden Access');
  }
  const row = ask.state.keys.get(ask.id);
  return row === undefined ? missing(ask.switches.missing_reads) : ok(JSON.stringify(apiKeyOf(row, ask.base)));
};
