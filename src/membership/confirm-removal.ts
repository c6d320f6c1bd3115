import type { Context } from '../cli/context.ts';
import { inOneBatch, printerBesideResults } from '../cli/printer.ts';
import type { View } from '../output/view.ts';
import type { Sight } from './observe.ts';
import { changesOfLeaver, isAdministratorOf, type Leaver, leaverName } from './removal.ts';
import { rolesOf } from './roster.ts';

interface RemovalQuestion {
  readonly leavers: readonly Leaver[];
  readonly sight: Sight;
  /** `--yes`. */
  readonly yes: boolean;
  /** Throws if the safety rules forbid it, which no answer changes. */
  readonly check: () => void;
}

/**
 * Shows who is to go with all that they have, then asks. Nothing is asked if nobody is left to be taken out. Returns
 * whether a person was asked.
 */
export async function confirmRemoval(ctx: Context, { leavers, sight, yes, check }: RemovalQuestion): Promise<boolean> {
  const going = leavers.filter((leaver) => changesOfLeaver(leaver).length > 0);
  if (!yes && ctx.prompter() !== undefined && leavers.some(({ person }) => person !== undefined))
    await printerBesideResults(ctx).list(leaverView, inOneBatch(leavers));
  check();
  const [only, ...more] = going;
  if (only === undefined) return false;
  const isMember = only.person?.state === 'member';
  const phrase = more.length === 0 && isMember ? only.target : String(going.length);
  const { profile } = ctx.identity();
  return ctx.confirm({ message: removalQuestion(leavers, { ...sight, profile }), answered: yes, phrase });
}

/** Names administrators and owners of API keys, however many they are: the others are in the table. */
export function removalQuestion(
  leavers: readonly Leaver[],
  { organization, profile }: Pick<Sight, 'organization'> & { readonly profile: string | undefined },
): string {
  const going = leavers.filter((leaver) => changesOfLeaver(leaver).length > 0);
  const [only] = going;
  const who = going.length === 1 && only !== undefined ? leaverName(only) : `${going.length} people`;
  const administrators = going.filter(isAdministratorOf);
  const owners = going.filter((leaver) => keyCount(leaver) !== '0');
  const spared = leavers.filter((leaver) => !going.includes(leaver) && leaver.rows.length > 0);
  return [
    `remove ${who} from organization ${organization.display_name === undefined ? organization.id : `"${organization.display_name}" (${organization.id})`}?`,
    ...named('administrators', administrators, leaverName),
    ...named(
      'owners of API keys, which are deleted with them',
      owners,
      (one) => `${leaverName(one)} (${keyCount(one)})`,
    ),
    ...named('left alone', spared, (one) => `${leaverName(one)} (${one.rows[0]?.what})`),
    ...(profile === undefined ? [] : [`  with the profile "${profile}"`]),
  ].join('\n');
}

function named(title: string, some: readonly Leaver[], name: (leaver: Leaver) => string): string[] {
  return some.length === 0 ? [] : [`  ${title}: ${some.map(name).join(', ')}`];
}

/** `?` if they may not be read. */
function keyCount({ person, apiKeys }: Leaver): string {
  if (person?.state !== 'member') return '0';
  const keys = apiKeys.get(person.user ?? '') ?? 'unreadable';
  return keys === 'unreadable' ? '?' : String(keys.length);
}

const leaverView: View<Leaver> = {
  ...{ fields: [], times: [], csv: [], block: [] },
  columns: [
    { title: '   ACTION', field: 'action', rank: 1 },
    { title: 'EMAIL', field: 'email', rank: 0, narrowest: 12 },
    { title: 'STATE', field: 'state', rank: 3 },
    { title: 'ROLES', field: 'roles', rank: 2 },
    { title: 'API KEYS', field: 'api_keys', rank: 4 },
    { title: 'WHY', field: 'why', rank: 5 },
  ],
  record: (leaver) => {
    const { person, rows } = leaver;
    const roles = person === undefined ? [] : rolesOf(person);
    return {
      ...{ action: actionOf(leaver), email: leaverName(leaver), state: person?.state ?? 'none' },
      roles: roles.length === 0 ? 'none' : roles.join(', '),
      ...{ api_keys: keyCount(leaver), why: rows[0]?.why ?? (person === undefined ? 'unknown' : 'gone already') },
    };
  },
  id: () => undefined,
};

function actionOf({ person, rows }: Leaver): string {
  if (person === undefined) return '   not found';
  const actions = rows.map(({ action }) => action);
  const [main] = ['remove', 'withdraw', 'revoke'].filter((one) => actions.some((action) => action === one));
  if (main !== undefined) return ` - ${main}`;
  return rows.length > 0 ? ' ! blocked' : '   already gone';
}
