import { Option } from 'commander';
import { findOrganization, type Organization } from '../../api/organizations.ts';
import { apiKeysClient } from '../../api/users.ts';
import { CliCommand, type CommandFactory } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { CliError } from '../../errors.ts';
import { type Api, checkPage } from '../../http/api.ts';
import { baseOf } from '../../http/endpoint.ts';
import { unlessMissing } from '../../http/failure.ts';
import type { View } from '../../output/view.ts';
import {
  apiKeyOf,
  type Config,
  expiryOfToken,
  type Identity,
  profileOf,
  shortKeyId,
  type TokenSource,
} from '../../profiles/profile.ts';
import { explainKeyRefusal } from '../../profiles/resolve.ts';
import { formatSecond } from '../../text/times.ts';

interface Owner {
  readonly id: string;
  readonly kind?: string | undefined;
}

interface Status {
  readonly source: Identity['source'];
  readonly profile: string | null;
  readonly credential: 'api_key' | 'access_token' | 'identity_pool' | null;
  readonly api_key: string | null;
  readonly identity_pool_id: string | null;
  /** Where the secret of the key, or the token for the pool, comes from. */
  readonly secret: 'stored' | 'environment' | 'none needed' | TokenSource['from'];
  readonly endpoint: string | null;
  readonly created_at: string | null;
  /** Of an access token, if it says so; that of an identity pool is exchanged only with `--check`. */
  readonly expires_at: string | null;
  /** Other sources with credentials, which are overridden. */
  readonly shadowed: readonly string[];
  /** The owner and organization of the key: null without `--check`, and where the API does not tell. */
  readonly owner: Owner | null;
  readonly organization: Organization | null;
}

const local = ['source', 'profile', 'credential', 'api_key', 'secret', 'endpoint', 'created_at', 'expires_at'];
const organization = ['organization.id', 'organization.display_name'];

const statusView: View<Status> = {
  fields: [
    ...local,
    'shadowed',
    'owner',
    'owner.id',
    'owner.kind',
    'organization',
    ...organization,
    'identity_pool_id',
  ],
  times: ['created_at', 'expires_at'],
  columns: [
    { title: 'SOURCE', field: 'source', rank: 1 },
    { title: 'PROFILE', field: 'profile', rank: 0 },
    { title: 'KEY', field: 'api_key', rank: 2 },
    { title: 'POOL', field: 'identity_pool_id', rank: 4, optional: true },
    { title: 'ENDPOINT', field: 'endpoint', rank: 3 },
  ],
  // A column of its own at the end: the others keep their places.
  csv: [...local, 'owner.id', ...organization, 'identity_pool_id'],
  block: [...local.toSpliced(4, 0, 'identity_pool_id'), 'shadowed', 'owner', 'organization'],
  words: { organization: describeOrganization },
  record: (status) => ({ ...status }),
  id: ({ profile }) => profile ?? undefined,
};

function describeOrganization(value: unknown): string {
  if (value === null) return '';
  const { id, display_name } = value as Organization;
  return display_name === undefined ? id : `${display_name} (${id})`;
}

/** Milliseconds after which a key should be replaced. */
const maxKeyAge = 90 * 86_400_000;

export const authStatusCommand: CommandFactory = (bind) =>
  new CliCommand('status')
    .summary('show the credentials in use')
    .description(
      'Show which credentials are used, where they come from and what they override. Sends no request without --check.',
    )
    .addOption(new Option('--check', 'check them with the API, and show their owner and organization'))
    .addExamples('invite auth status', 'invite auth status --check', 'invite -p work auth status -o json')
    .addView(() => statusView)
    .action(bind(status));

async function status(ctx: Context, { check = false }: { check?: boolean }): Promise<void> {
  const identity = ctx.identity();
  const config = readIfPossible(ctx);
  const known = statusOf(identity, config);
  warnOfAge(ctx, known);
  const current = check ? { ...known, ...(await lookUp(ctx, identity)) } : known;
  const optional = ['identity_pool_id', ...(check ? [] : ['expires_at', 'owner', 'organization'])];
  const isShown = (field: string) => !optional.includes(field) || current[field as keyof Status] !== null;
  await ctx.show({ ...statusView, block: statusView.block.filter(isShown) }, current);
}

/** A broken file is reported but no failure: the credentials need not come from it. */
function readIfPossible(ctx: Context): Config | undefined {
  try {
    return ctx.store().read();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    ctx.say(`${error.message}: ${error.details.reason}`);
    return undefined;
  }
}

function statusOf(identity: Identity, config: Config | undefined): Status {
  const { source, profile, endpoint, kind } = identity;
  const stored = config === undefined || profile === undefined ? undefined : profileOf(config, profile);
  const overridden =
    config?.current !== undefined && config.current !== profile ? [`current profile "${config.current}"`] : [];
  const expiry = kind === 'token' ? expiryOfToken(identity.access_token) : undefined;
  return {
    source,
    profile: profile ?? null,
    credential: credentialNames[kind],
    api_key: kind === 'key' ? shortKeyId(identity.api_key) : null,
    identity_pool_id: kind === 'pool' ? identity.identity_pool_id : null,
    secret: secretSource(identity),
    endpoint: kind === 'sandbox' ? null : baseOf(endpoint),
    created_at: stored?.created_at ?? null,
    expires_at: expiry === undefined ? null : formatSecond(expiry),
    shadowed: [...identity.shadowed, ...overridden],
    owner: null,
    organization: null,
  };
}

const credentialNames = { sandbox: null, key: 'api_key', token: 'access_token', pool: 'identity_pool' } as const;

function secretSource(identity: Identity): Status['secret'] {
  switch (identity.kind) {
    case 'sandbox':
      return 'none needed';
    case 'token':
      return 'environment';
    case 'pool':
      return identity.token.from;
    case 'key':
      if (identity.source === 'environment') return 'environment';
      return 'value' in identity.secret ? 'stored' : 'command';
    default:
      return identity satisfies never;
  }
}

function warnOfAge({ host, say }: Context, { expires_at, created_at, profile, credential }: Status): void {
  const now = host.clock.now();
  if (Date.parse(expires_at ?? '') <= now) say(`the access token expired at ${expires_at}: get a new one`);
  const age = now - Date.parse(created_at ?? '');
  if (credential !== 'api_key' || !(age > maxKeyAge)) return;
  const days = Math.floor(age / 86_400_000);
  say(`the profile "${profile}" is ${days} days old: create a new key, then run invite auth login ${profile}`);
}

/** Asks the API. Throws if it refuses the credentials; what these may not see is null. */
async function lookUp(ctx: Context, identity: Identity): Promise<Partial<Status>> {
  const { api, expiresAt } = await ctx.connectAs(identity);
  try {
    const expiry = await expiresAt();
    const pool = identity.kind === 'pool' ? { id: identity.identity_pool_id, kind: 'IdentityPool' } : null;
    const owner = (await ownerOf(api, identity)) ?? pool;
    // Of several it is not said which one the credentials belong to.
    const organization = await unlessMissing(findOrganization(api, { act: 'look up the organization' }));
    // Where neither may be seen, anything could have answered.
    if (organization === undefined && owner === pool)
      checkPage(await api.get('/iam/v2/invitations', { page_size: '1' }, { act: 'check the credentials' }));
    const expires = expiry === undefined ? {} : { expires_at: formatSecond(expiry) };
    return { owner, organization: organization ?? null, ...expires };
  } catch (error) {
    throw error instanceof CliError && identity.kind === 'key' ? explainKeyRefusal(error) : error;
  }
}

async function ownerOf(api: Api, identity: Identity): Promise<Owner | undefined> {
  const key = apiKeyOf(identity);
  return key === undefined ? undefined : (await apiKeysClient(api).get(key, 'look up the owner of the key'))?.owner;
}
