import type { Answer } from './answer.ts';
import { badRequest, forbidden, invalid } from './refusals.ts';
import type { Ask } from './rule.ts';

export interface Wanted {
  readonly email: string;
  readonly auth_type: string;
}

const authTypes: readonly unknown[] = ['AUTH_TYPE_LOCAL', 'AUTH_TYPE_SSO'];

/** What a POST asks for, or the answer to one that asks for something that cannot be. */
export function checkInvitation({ body, switches }: Pick<Ask, 'body' | 'switches'>): Wanted | Answer {
  if (switches.service_account_key === 'rejected') return badRequest('Must not use GetUser for service account');
  const { email, auth_type = null } = body;
  if (typeof email !== 'string' || email === '') return invalid('/email', "The property '/email' is required");
  if (!isEmail(email)) {
    return invalid('/email', "The property '/email' is not a valid e-mail address", switches.invalid_email_status);
  }
  if (auth_type === null) return { email, auth_type: switches.sso === 'yes' ? 'AUTH_TYPE_SSO' : 'AUTH_TYPE_LOCAL' };
  if (typeof auth_type !== 'string' || !authTypes.includes(auth_type)) {
    return invalid('/auth_type', "The property '/auth_type' must be AUTH_TYPE_LOCAL or AUTH_TYPE_SSO");
  }
  if (auth_type === 'AUTH_TYPE_LOCAL' && switches.sso === 'yes' && switches.local_into_sso === 'forbidden') {
    return forbidden('Only an OrganizationAdmin can invite AUTH_TYPE_LOCAL into an organization with single sign-on');
  }
  return { email, auth_type };
}

/** Loose on purpose: what a client takes for an address is its own affair, down to letters beyond ASCII. */
function isEmail(text: string): boolean {
  if (text.length > 254 || /[\s\p{Cc}\p{Cf}]/u.test(text)) return false;
  const [local = '', domain = '', ...more] = text.split('@');
  return more.length === 0 && local !== '' && local.length <= 64 && domain !== '';
}
