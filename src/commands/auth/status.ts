import { Option } from 'commander';
import { findOrganization, type Organization } from '../../api/organizations.ts';
import { CliCommand, type CommandFactory } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import { CliError } from '../../errors.ts';
import type { Api } from '../../http/api.ts';
import type { View } from '../../output/view.ts';
import { explainKeyRefusal, formatTime } from '../../profiles/auth-errors.ts';
import { type Config, type Identity, profileOf } from '../../profiles/profile.ts';
import { expiryOfToken, shortKeyId } from '../../profiles/secret.ts';
import { sandboxKey } from '../../sandbox/organization.ts';
import { textAt } from '../../text/json-fields.ts';

interface Owner {
  readonly id: string;
  readonly kind?: string;
}

interface Status {
  readonly source: Identity['source'];
  readonly profile: string | null;
  /** The kind of credential; null for the sandbox. */
  readonly credential: 'api_key' | 'access_token' | null;
  readonly api_key: string | null;
  readonly secret: 'stored' | 'command' | 'environment' | 'none needed';
  readonly endpoint: string | null;
  readonly created_at: string | null;
  /** Of an access token, if it says so. */
  readonly expires_at: string | null;
  /** Other sources with credentials, which are overridden. */
  readonly shadowed: readonly string[];
  /** The owner and organization of the key: null without `--check`, and where the API does not tell. */
  readonly owner: Owner | null;
  readonly organization: Organization | null;
}

const local = ['source', 'profile', 'credential', 'api_key', 'secret', 'endpoint', 'created_at'];

export const statusView: View<Status> = {
  fields: [
    ...[...local, 'expires_at', 'shadowed', 'owner', 'owner.id', 'owner.kind'],
    ...['organization', 'organization.id', 'organization.display_name'],
  ],
  times: ['created_at', 'expires_at'],
  columns: [
    { title: 'SOURCE', field: 'source', rank: 1 },
    { title: 'PROFILE', field: 'profile', rank: 0 },
    { title: 'KEY', field: 'api_key', rank: 2 },
    { title: 'ENDPOINT', field: 'endpoint', rank: 3 },
  ],
  csv: [...local, 'expires_at', 'owner.id', 'organization.id', 'organization.display_name'],
  block: [...local, 'expires_at', 'shadowed', 'owner', 'organization'],
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
    .action(bind(status));

async function status(ctx: Context, { check = false }: { check?: boolean }): Promise<void> {
  ctx.expect(statusView);
  const identity = ctx.identity();
  const config = readIfPossible(ctx);
  const known = statusOf(identity, config);
  warnIfOld(ctx, known);
  warnIfExpired(ctx, known);
  const current = check ? { ...known, ...(await lookUpOwner(await ctx.api(), identity)) } : known;
  const isEmpty = (field: string) => ['expires_at', 'owner', 'organization'].includes(field) && !check;
  const block = statusView.block.filter((field) => !isEmpty(field) || current[field as keyof Status] !== null);
  await ctx.show({ ...statusView, block }, current);
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
  const { source, profile, api_key, secret, endpoint, kind } = identity;
  const isSandbox = kind === 'sandbox';
  const stored = config === undefined || profile === undefined ? undefined : profileOf(config, profile);
  const overridden =
    config?.current !== undefined && source !== 'current' ? [`current profile "${config.current}"`] : [];
  const expiry = kind === 'token' && 'value' in secret ? expiryOfToken(secret.value) : undefined;
  return {
    source,
    profile: profile ?? null,
    credential: isSandbox ? null : kind === 'token' ? 'access_token' : 'api_key',
    api_key: kind === 'key' ? shortKeyId(api_key) : null,
    secret: secretSource(identity),
    endpoint: isSandbox ? null : endpoint.href.replace(/\/$/, ''),
    created_at: stored?.created_at ?? null,
    expires_at: expiry === undefined ? null : formatTime(expiry),
    shadowed: [...identity.shadowed, ...overridden],
    owner: null,
    organization: null,
  };
}

function secretSource({ kind, source, secret }: Identity): Status['secret'] {
  if (kind === 'sandbox') return 'none needed';
  if (source === 'environment') return 'environment';
  return 'value' in secret ? 'stored' : 'command';
}

function warnIfExpired({ host, say }: Context, { expires_at }: Status): void {
  if (Date.parse(expires_at ?? '') <= host.clock.now()) {
    say(`the access token expired at ${expires_at}: get a new one`);
  }
}

function warnIfOld({ host, say }: Context, { created_at, profile }: Status): void {
  const age = host.clock.now() - Date.parse(created_at ?? '');
  if (!(age > maxKeyAge)) return;
  say(
    `the profile "${profile}" is ${Math.floor(age / 86_400_000)} days old: create a new key, then run invite auth login ${profile}`,
  );
}

/** Asks the API. Throws if it refuses the credentials; what these may not see is null. */
async function lookUpOwner(api: Api, identity: Identity): Promise<Pick<Status, 'owner' | 'organization'>> {
  try {
    const key = identity.kind === 'sandbox' ? sandboxKey.api_key : identity.api_key;
    const owner = identity.kind === 'token' ? null : await orNull(() => ownerOf(api, key));
    // Undefined if the API lists several: it does not say which one the credentials belong to.
    const organization = await orNull(() => findOrganization(api, { act: 'look up the organization' }));
    return { owner, organization };
  } catch (error) {
    throw error instanceof CliError && identity.kind === 'key' ? explainKeyRefusal(error) : error;
  }
}

async function orNull<T>(request: () => Promise<T | null | undefined>): Promise<T | null> {
  try {
    return (await request()) ?? null;
  } catch (error) {
    if (error instanceof CliError && (error.code === 'forbidden' || error.code === 'not_found')) return null;
    throw error;
  }
}

async function ownerOf(api: Api, key: string): Promise<Owner | undefined> {
  const path = `/iam/v2/api-keys/${encodeURIComponent(key)}`;
  const response = await api.get(path, {}, { act: 'look up the owner of the key' });
  const id = textAt(response, 'spec', 'owner', 'id');
  const kind = textAt(response, 'spec', 'owner', 'kind');
  if (id === undefined) return undefined;
  return kind === undefined ? { id } : { id, kind };
}
