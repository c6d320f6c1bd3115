import { getApiKey, listApiKeys } from './api-keys.ts';
import { createBinding, deleteBinding, getBinding, listBindings } from './bindings.ts';
import { createInvitation, deleteInvitation, getInvitation, listInvitations } from './invitations.ts';
import { getOrganization, getQuota, listOrganizations, listQuotas } from './organizations.ts';
import type { Change, Look } from './rule.ts';
import { deleteUser, getUser, listUsers, updateUser } from './users.ts';

interface Place {
  readonly GET: Look;
  readonly POST?: Change;
  readonly PATCH?: Change;
  readonly DELETE?: Change;
}

/** What can be asked for; `{id}` is any one segment. */
const places = new Map<string, Place>([
  ['/iam/v2/invitations', { GET: listInvitations, POST: createInvitation }],
  ['/iam/v2/invitations/{id}', { GET: getInvitation, DELETE: deleteInvitation }],
  ['/iam/v2/users', { GET: listUsers }],
  ['/iam/v2/users/{id}', { GET: getUser, PATCH: updateUser, DELETE: deleteUser }],
  ['/iam/v2/role-bindings', { GET: listBindings, POST: createBinding }],
  ['/iam/v2/role-bindings/{id}', { GET: getBinding, DELETE: deleteBinding }],
  ['/iam/v2/api-keys', { GET: listApiKeys }],
  ['/iam/v2/api-keys/{id}', { GET: getApiKey }],
  ['/org/v2/organizations', { GET: listOrganizations }],
  ['/org/v2/organizations/{id}', { GET: getOrganization }],
  ['/service-quota/v1/applied-quotas', { GET: listQuotas }],
  ['/service-quota/v1/applied-quotas/{id}', { GET: getQuota }],
]);

export type Route =
  | { readonly found: 'look'; readonly rule: Look; readonly id: string }
  | { readonly found: 'change'; readonly rule: Change; readonly id: string }
  | { readonly found: 'other_methods'; readonly allow: string }
  | { readonly found: 'nothing' };

export function routeOf(method: string, path: string): Route {
  const slash = path.lastIndexOf('/');
  const id = places.has(path) ? '' : decoded(path.slice(slash + 1));
  const place = places.get(path) ?? (id ? places.get(`${path.slice(0, slash)}/{id}`) : undefined);
  if (place === undefined || id === undefined) return { found: 'nothing' };
  if (method === 'GET') return { found: 'look', rule: place.GET, id };
  const rule = method === 'POST' || method === 'PATCH' || method === 'DELETE' ? place[method] : undefined;
  if (rule === undefined) return { found: 'other_methods', allow: Object.keys(place).join(', ') };
  return { found: 'change', rule, id };
}

/** Undefined if it is not percent-encoded text. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
