import { type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Context } from '../cli/context.ts';
import { ifPossible } from '../errors.ts';
import { readBytes } from '../files/read.ts';
import { folderProblem } from '../files/write.ts';
import type { Host } from '../host.ts';
import { baseOf, defaultEndpoint } from '../http/endpoint.ts';
import { mailFolder } from '../mail/mail-log.ts';
import { expiryOfToken, type Identity, shortKeyId } from '../profiles/profile.ts';
import { describeTokenSource } from '../profiles/token-exchange.ts';
import { counted, formatSecond } from '../text/times.ts';
import { attempt, type Finding, failed, pass, warn } from './finding.ts';

export function checkNode({ nodeVersion }: Host): Finding {
  if (!nodeVersion.startsWith('20.')) return pass(nodeVersion);
  return warn(
    `${nodeVersion} has had no security fixes since April 2026`,
    'install Node.js 24; a later version of invite, 1.0 at the latest, no longer runs on Node.js 20',
  );
}

export async function checkConfig(ctx: Context): Promise<Finding> {
  const store = ctx.store();
  // Before reading, which fixes a mode that is too open.
  const file = ifPossible(() => statSync(store.path));
  const config = await attempt(() => store.read());
  if ('failure' in config) {
    const finding = failed(config.failure);
    return file === undefined ? finding : { ...finding, detail: `${finding.detail} (mode ${modeOf(file)})` };
  }
  const open = openTo(store.path, file, ctx.host.uid);
  if (open !== undefined) return open;
  if (file === undefined) return pass(`"${store.path}" does not exist yet; invite auth login creates it`);
  const { profiles, current } = config.value;
  const count = counted(Object.keys(profiles).length, 'profile');
  const currentText = current === undefined ? '' : `, current is "${current}"`;
  return pass(`"${store.path}", mode ${modeOf(file)}, ${count}${currentText}`);
}

function openTo(path: string, file: Stats | undefined, uid: number | undefined): Finding | undefined {
  if (uid === undefined || file === undefined) return undefined;
  if ((file.mode & 0o077) !== 0) {
    const now = ifPossible(() => statSync(path));
    const isFixed = now !== undefined && (now.mode & 0o077) === 0;
    const detail = `others could read "${path}" (mode ${modeOf(file)})`;
    const advice = 'replace the keys if others use this machine: they may have been read';
    return warn(
      isFixed ? `${detail}; it is ${modeOf(now)} now` : detail,
      isFixed ? advice : `chmod 600 ${path}; ${advice}`,
    );
  }
  const folder = dirname(path);
  const others = ifPossible(() => statSync(folder));
  const isOpen = others !== undefined && (others.mode & 0o022) !== 0 && (others.mode & 0o1000) === 0;
  return isOpen
    ? warn(`the folder "${folder}" is writable by others (mode ${modeOf(others)})`, `chmod 700 ${folder}`)
    : undefined;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** Where the completion script of each shell may lie, and the startup files that may load it. */
const completionFiles: Readonly<Record<string, readonly string[]>> = {
  bash: [
    '~/.local/share/bash-completion/completions/invite',
    '~/.bash_completion.d/invite',
    '~/.invite.bash',
    '/etc/bash_completion.d/invite',
    '/usr/share/bash-completion/completions/invite',
    '/usr/local/share/bash-completion/completions/invite',
    '/opt/homebrew/etc/bash_completion.d/invite',
    '~/.bashrc',
    '~/.bash_profile',
    '~/.bash_completion',
  ],
  zsh: [
    '~/.zfunc/_invite',
    '~/.zsh/completions/_invite',
    '/usr/share/zsh/site-functions/_invite',
    '/usr/share/zsh/vendor-completions/_invite',
    '/usr/local/share/zsh/site-functions/_invite',
    '/opt/homebrew/share/zsh/site-functions/_invite',
    '~/.zshrc',
    '~/.zprofile',
  ],
  fish: [
    '~/.config/fish/completions/invite.fish',
    '/usr/share/fish/vendor_completions.d/invite.fish',
    '~/.config/fish/config.fish',
  ],
};

export function checkCompletion({ env: { SHELL = '', HOME, CI } }: Host): Finding | undefined {
  const shell = basename(SHELL);
  const files = Object.hasOwn(completionFiles, shell) ? completionFiles[shell] : undefined;
  if (files === undefined || HOME === undefined || CI !== undefined) return undefined;
  const paths = files.map((path) => path.replace(/^~/, () => HOME));
  // Each script names the command that wrote it.
  const textIn = (path: string) => ifPossible(() => readBytes(path, { maxBytes: 1024 * 1024 }).toString());
  const found = paths.find((path) => textIn(path)?.includes('invite completion'));
  if (found !== undefined) return pass(`for ${shell}, in "${found}"`);
  return warn(`not found for ${shell}`, 'invite completion --help says how to install it');
}

/** Where it is remembered who was mailed. Nothing is created. */
export function checkMailLog({ stateDir }: Host): Finding {
  const folder = mailFolder(stateDir);
  const problem = folderProblem(folder);
  if (problem === undefined) return pass(folder);
  const why = `nothing can be written to "${folder}", so it is not remembered who was mailed: ${problem}`;
  return warn(why, 'make it writable, or set INVITE_STATE_DIR to a folder that is');
}

const sources = {
  flag: 'from --profile',
  INVITE_PROFILE: 'from INVITE_PROFILE',
  current: 'the current profile',
} as const;

const variables = {
  key: 'CONFLUENT_CLOUD_API_KEY and CONFLUENT_CLOUD_API_SECRET',
  token: 'CONFLUENT_CLOUD_ACCESS_TOKEN',
  pool: 'CONFLUENT_CLOUD_IDENTITY_POOL_ID',
  sandbox: '',
} as const;

export async function checkCredentials(ctx: Context): Promise<Finding> {
  const identity = ctx.identity();
  const detail = describeIdentity(identity, ctx.host.clock.now());
  const unused = [...identity.shadowed, ...(await shadowedCurrent(ctx, identity))];
  if (unused.length === 0) return pass(detail);
  return warn(`${detail}; not used: ${unused.join(', ')}`, 'unset what you do not need, or choose with --profile');
}

function describeIdentity(identity: Identity, now: number): string {
  const { profile, source, kind } = identity;
  const who = profile === undefined ? '' : `profile "${profile}", `;
  const from = source === 'environment' ? `from ${variables[kind]}` : sources[source];
  return `${who}${from}, ${describeCredential(identity, now)}`;
}

function describeCredential(identity: Identity, now: number): string {
  switch (identity.kind) {
    case 'sandbox':
      return 'needs no key';
    case 'key':
      return `key ${shortKeyId(identity.api_key)}`;
    case 'token': {
      const expiry = expiryOfToken(identity.access_token);
      const when = expiry === undefined ? '' : `, ${expiry <= now ? 'expired' : 'expires'} at ${formatSecond(expiry)}`;
      return `an access token${when}`;
    }
    case 'pool':
      return `identity pool ${identity.identity_pool_id}, with a token from ${describeTokenSource(identity.token)}`;
    default:
      return identity satisfies never;
  }
}

/** The stored current profile, if the credentials override it other than by --profile. */
async function shadowedCurrent(ctx: Context, { source }: Identity): Promise<string[]> {
  if (source !== 'environment' && source !== 'INVITE_PROFILE') return [];
  // What cannot be read is reported by the check of the config file.
  const config = await attempt(() => ctx.store().read());
  const current = 'value' in config ? config.value.current : undefined;
  return current === undefined ? [] : [`current profile "${current}"`];
}

export function checkEndpoint({ globals, host }: Context, endpoint: URL): Finding {
  const url = baseOf(endpoint);
  if (globals.endpoint !== undefined) return pass(`${url}, from --endpoint`);
  if (host.env.CONFLUENT_CLOUD_ENDPOINT !== undefined) return pass(`${url}, from CONFLUENT_CLOUD_ENDPOINT`);
  return pass(url === defaultEndpoint ? url : `${url}, from the profile`);
}
