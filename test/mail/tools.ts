import { EmailMap } from '../../src/api/email.ts';
import type { Invitation } from '../../src/api/invitation.ts';
import type { Absence } from '../../src/api/users.ts';
import { idAt } from '../../src/http/api.ts';
import type { CreateChange, Tools } from '../../src/mail/change.ts';
import { unclaimed } from '../../src/mail/mails.ts';
import { decideCreate } from '../../src/mail/plan.ts';
import { virtualClock } from '../http/virtual-clock.ts';

export const now = Date.UTC(2026, 0, 5, 12);

export function invitation(id: string, more: Record<string, unknown> = {}): Invitation {
  return {
    id,
    email: 'ann@example.com',
    status: 'INVITE_STATUS_SENT',
    expires_at: '2026-01-08T12:00:00Z',
    user: { id: `u-${id}` },
    metadata: { created_at: '2026-01-05T12:00:00Z', updated_at: '2026-01-05T12:00:00Z' },
    ...more,
  };
}

/** A function answers about whom it is asked. */
export type Answer<T> = T | Error | ((email: string) => T);

function next<T>(answers: Answer<T>[], what: string, email = ''): T {
  if (answers.length === 0) throw new Error(`no answer is left for ${what}`);
  const answer = answers.shift() as Answer<T>;
  if (answer instanceof Error) throw answer;
  return typeof answer === 'function' ? (answer as (email: string) => T)(email) : answer;
}

export interface Script {
  readonly create?: Answer<Invitation | undefined>[];
  readonly find?: Answer<readonly Invitation[]>[];
  readonly grant?: Answer<'granted' | 'already_granted'>[];
  readonly get?: Answer<Invitation>[];
  readonly absent?: Answer<Pick<Absence, 'gone' | 'unsure'>>[];
}

const nobody = (): never => {
  throw new Error('nobody asks this here');
};

/** What can be asked of a tool; anything else fails. */
function only<T extends object>(known: Partial<T>): T {
  return new Proxy(known, { get: (_, name) => Reflect.get(known, name) ?? nobody }) as T;
}

/** Tools that answer by a script, in order, and keep what was asked. */
export function scripted(script: Script) {
  const asked: string[] = [];
  const clock = { ...virtualClock(now), random: () => 0.5 };
  const soft = new AbortController();
  const hard = new AbortController();
  const find = async (email: string) => {
    asked.push(`find ${email}`);
    return next(script.find ?? [], 'find');
  };
  const tools: Tools = {
    isDry: false,
    clock,
    signal: soft.signal,
    deadline: hard.signal,
    invitations: only<Tools['invitations']>({
      at: async () => undefined,
      get: async (id) => {
        asked.push(`get ${id}`);
        return next(script.get ?? [], 'get');
      },
      findByEmail: find,
      search: find,
      create: async (email, auth_type) => {
        asked.push(['create', email, auth_type].join(' ').trim());
        return next(script.create ?? [], 'create', email);
      },
    }),
    // Nothing is remembered.
    mails: only<Tools['mails']>({ past: async () => ({}), inTurn: (_email, _as, act) => act(unclaimed) }),
    users: only<Tools['users']>({
      idAt: (location) => idAt(location, '/iam/v2/users'),
      byEmail: async () => new EmailMap(),
      absent: async (people) => {
        asked.push(`absent ${people.map((one) => one.id ?? one.email).join(' ')}`);
        return { renewed: new Map(), ...next(script.absent ?? [], 'absent') };
      },
    }),
    roles: only<Tools['roles']>({
      of: async () => [],
      grant: async ({ principal, role_name }) => {
        asked.push(`grant ${principal} ${role_name}`);
        return next(script.grant ?? [], 'grant');
      },
    }),
    apiKeys: only<Tools['apiKeys']>({}),
    recentList: async () => [],
    organization: nobody,
  };
  return { tools, asked, clock, soft, hard };
}

/** A wish to invite somebody of whom this is known. */
export function creation(
  target: string,
  known: readonly Invitation[] = [],
  more: Partial<CreateChange> = {},
): CreateChange {
  return { kind: 'create', target, known, roles: [], decision: decideCreate(known, now), ...more };
}
