import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { CliError } from '../../errors.ts';
import type { View } from '../../output/view.ts';
import { shortKeyId } from '../../profiles/credential.ts';
import { type Config, type Identity, profileOf } from '../../profiles/profile.ts';
import { examples, type Mount } from '../mount.ts';

interface Status {
  readonly source: Identity['source'];
  readonly profile: string | null;
  readonly api_key: string | null;
  readonly secret: 'stored' | 'command' | 'none needed';
  readonly endpoint: string | null;
  readonly created_at: string | null;
  /** What else holds credentials, and lost to the source. */
  readonly shadowed: readonly string[];
}

export const statusView: View<Status> = {
  fields: ['source', 'profile', 'api_key', 'secret', 'endpoint', 'created_at', 'shadowed'],
  times: ['created_at'],
  columns: [
    { title: 'SOURCE', field: 'source', rank: 1 },
    { title: 'PROFILE', field: 'profile', rank: 0 },
    { title: 'KEY', field: 'api_key', rank: 2 },
    { title: 'ENDPOINT', field: 'endpoint', rank: 3 },
  ],
  csv: ['source', 'profile', 'api_key', 'secret', 'endpoint', 'created_at'],
  block: ['source', 'profile', 'api_key', 'secret', 'endpoint', 'created_at', 'shadowed'],
  record: (status) => ({ ...status }),
  id: ({ profile }) => profile ?? undefined,
};

/** A key this old, in milliseconds, is due for another. */
const oldAge = 90 * 86_400_000;

export const authStatusCommand: Mount = (bind) =>
  new Command('status')
    .summary('who you are, and why')
    .description('Show which credentials are used, where they come from and what they go before. Sends nothing.')
    .addHelpText('after', examples('invite auth status', 'invite -p work auth status -o json'))
    .action(bind(status));

export async function status(ctx: Context): Promise<void> {
  const identity = ctx.identity();
  const config = readIfPossible(ctx);
  const current = statusOf(identity, config);
  warnIfOld(ctx, current);
  await ctx.show(statusView, current);
}

/** A broken file is worth a word here, but no failure: the credentials need not come from it. */
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
  const lost = config?.current !== undefined && source !== 'current' ? [`current profile "${config.current}"`] : [];
  return {
    source,
    profile: profile ?? null,
    api_key: isSandbox ? null : shortKeyId(api_key),
    secret: isSandbox ? 'none needed' : 'value' in secret ? 'stored' : 'command',
    endpoint: isSandbox ? null : endpoint.href.replace(/\/$/, ''),
    created_at: stored?.created_at ?? null,
    shadowed: [...identity.shadowed, ...lost],
  };
}

function warnIfOld({ host, say }: Context, { created_at, profile }: Status): void {
  const age = host.clock.now() - Date.parse(created_at ?? '');
  if (!(age > oldAge)) return;
  say(
    `the profile "${profile}" is ${Math.floor(age / 86_400_000)} days old: make a new key, then invite auth login ${profile}`,
  );
}
