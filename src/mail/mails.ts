import type { Invitations } from '../api/client.ts';
import type { Roles } from '../api/role-bindings.ts';
import type { RecentMails } from '../api/targets.ts';
import type { Context } from '../cli/context.ts';
import { CliError } from '../errors.ts';
import { wordsOf } from '../files/io-error.ts';
import { credentialId, type Identity } from '../profiles/profile.ts';
import { MailLog, UnusableLog } from './mail-log.ts';

/** Where the organization may be read from. */
interface Sources {
  readonly invitations: Invitations;
  readonly roles: Roles;
}

/** The log of the mails of one organization, opened when it is first needed. */
export class Mails {
  readonly #ctx: Context;
  readonly #sources: Sources;
  readonly #command: string;
  #log: Promise<MailLog | undefined> | undefined;
  #peeked: Promise<MailLog> | undefined;
  #isRequired = false;
  #isGivenUp = false;

  constructor(ctx: Context, command: string, sources: Sources) {
    this.#ctx = ctx;
    this.#command = command;
    this.#sources = sources;
  }

  /** From now on nobody is mailed who cannot be written down. Throws `io_error` if that cannot be done at all. */
  async require(): Promise<void> {
    this.#isRequired = true;
    await this.log();
  }

  /** To write to; undefined where it cannot be kept, which is said. Throws `io_error` if it must not be ignored. */
  async log(): Promise<MailLog | undefined> {
    if (this.#isGivenUp) return undefined;
    this.#log ??= this.#open();
    return this.#log;
  }

  /** What earlier commands have written, without a change to it. */
  peek(): Promise<MailLog> {
    this.#peeked ??= this.#newLog().then((log) => {
      try {
        log.readBack();
      } catch (error) {
        this.giveUp(asIoError(error));
      }
      return log;
    });
    return this.#peeked;
  }

  /** Goes on without the log, if the command may. Throws the failure if it may not. */
  giveUp(failure: CliError): void {
    if (this.#isRequired || failure instanceof UnusableLog) {
      const reason = [failure.details.reason ?? [], 'nothing more was sent'].flat().join('; ');
      throw failure instanceof UnusableLog ? failure : failure.with({ reason });
    }
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    const { reason } = failure.details;
    this.#ctx.say(
      `warning: cannot remember on this machine who was mailed: ${failure.message}${reason === undefined ? '' : `: ${reason}`}`,
    );
  }

  /** It is opened again if it is needed again. */
  async close(): Promise<void> {
    const log = await this.#log?.catch(() => undefined);
    await log?.close();
    this.#log = undefined;
  }

  async #open(): Promise<MailLog | undefined> {
    const folder = stateFolder(this.#ctx.host);
    if (folder instanceof CliError) {
      this.giveUp(folder);
      return undefined;
    }
    const log = await this.#newLog();
    try {
      await log.open();
      return log;
    } catch (error) {
      await log.close();
      this.giveUp(asIoError(error));
      return undefined;
    }
  }

  async #newLog(): Promise<MailLog> {
    const { host, now, say } = this.#ctx;
    const { uid, processes, clock } = host;
    const folder = stateFolder(host);
    const stateDir = folder instanceof CliError ? nowhere : folder;
    const sender = senderName(this.#ctx.identity(), await organizationIdOf(this.#sources));
    const localNow = () => clock.now();
    return new MailLog({ stateDir, sender, command: this.#command, now, localNow, processes, uid, say });
  }
}

/** Nothing is read from here. */
const nowhere = '/dev/null';

/** The failure where a machine has none: it is like one on which the folder cannot be written to. */
function stateFolder(host: Context['host']): string | CliError {
  try {
    return host.stateDir;
  } catch (error) {
    return asIoError(error);
  }
}

function asIoError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  return new CliError('io_error', 'cannot write the mail log', { reason: wordsOf(error), cause: error });
}

/** The organization that is mailed for; undefined where the API does not tell, or names several. */
async function organizationIdOf({ invitations, roles }: Sources): Promise<string | undefined> {
  const named = invitations.organization();
  if (named !== undefined) return named;
  try {
    const [id, ...more] = await roles.organizations();
    return more.length === 0 ? id : undefined;
  } catch (error) {
    if (error instanceof CliError && error.code !== 'cancelled') return undefined;
    throw error;
  }
}

/** `api_confluent_cloud_1111aaaa-…`; with the key in place of an organization that the API does not tell. */
function senderName(identity: Identity, organization: string | undefined): string {
  const name = `${identity.endpoint.origin.replace(/^https:\/\//, '')}_${organization ?? credentialId(identity) ?? identity.kind}`;
  return name.replace(/[^\w-]+/g, '_').slice(0, 150);
}

/** The invitations that this machine sent in the last 24 hours, by e-mail. */
export function mailsOf({ mails }: { readonly mails: Pick<Mails, 'peek'> }): RecentMails {
  return async (email) => (await mails.peek()).past(email).id;
}
