import type { RecentMails } from '../api/targets.ts';
import type { Context } from '../cli/context.ts';
import { CliError, type FailureDetails, wordsOf } from '../errors.ts';
import { NoResponse, UnknownOutcome } from '../http/failure.ts';
import { credentialId, type Identity } from '../profiles/profile.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/suggest.ts';
import type { Claim, End, PastMails } from './claims.ts';
import { MailLog, UnusableLog } from './mail-log.ts';
import type { Result } from './result.ts';

/** Milliseconds that another process may take to mail somebody: the time of one operation. */
const longestTurn = 120_000;

/** Milliseconds of such a wait after which it is said. */
const silentWait = 2000;

/** Milliseconds between two looks at the log while another process mails the same person. */
const pollEvery = 100;

/** The right to mail one person, until it is given back. */
export interface Turn {
  readonly past: PastMails;
  readonly hasWaited: boolean;
  /** To be called before each POST. `again`: one whose end is unknown may have been sent before. */
  post(again: boolean): Promise<void>;
}

/** Where nothing is written down. */
export const unclaimed: Turn = { past: {}, hasWaited: false, post: async () => {} };

type MailOutcome = 'created' | 'reinvited' | 'resent';
const mailOutcomes: readonly string[] = ['created', 'reinvited', 'resent'] satisfies MailOutcome[];

/** Who is mailed and was, as the log of one organization has it, which is opened when it is first needed. */
export class Mails {
  readonly #ctx: Context;
  readonly #findOrganization: () => Promise<string>;
  readonly #command: string;
  #log: Promise<MailLog | undefined> | undefined;
  #peeked: Promise<MailLog | undefined> | undefined;
  /** The ids of the invitations that were sent recently, as they are in what was peeked at. */
  #sent: ReadonlySet<string | undefined> | undefined;
  #isRequired = false;
  #isGivenUp = false;
  #isWaitSaid = false;

  constructor(ctx: Context, command: string, findOrganization: () => Promise<string>) {
    this.#ctx = ctx;
    this.#command = command;
    this.#findOrganization = findOrganization;
  }

  /** From now on nobody is mailed who cannot be written down. Throws `io_error` if that cannot be done at all. */
  async require(): Promise<void> {
    this.#isRequired = true;
    await this.#open();
  }

  /** What earlier commands have written about an address, or an id, without a change to it. */
  async past(target: string): Promise<PastMails> {
    this.#peeked ??= this.#prepared('readBack');
    const claims = (await this.#peeked)?.claims;
    if (target.includes('@')) return claims?.past(target) ?? {};
    this.#sent ??= new Set(claims?.recent().map(({ end }) => end?.id));
    return { id: this.#sent.has(target) ? target : undefined };
  }

  /**
   * Claims an address, waits for whoever claimed it earlier, acts, and writes down what came of it.
   * @param as What it is called if a mail leaves.
   */
  async inTurn(email: string, as: MailOutcome, act: (turn: Turn) => Promise<Result>): Promise<Result> {
    const log = await this.#open();
    const claim = await this.#kept(log?.claim(email, as));
    if (log === undefined || claim === undefined) return act(unclaimed);
    let end: End = { outcome: 'withdrawn' };
    let hasPosted = false;
    const post = async (again: boolean) => {
      if (again) await this.#kept(log.note(claim, 'send', { again }));
      hasPosted = true;
    };
    try {
      const hasWaited = await this.#awaitTurn(log, claim);
      const result = await act({ past: log.claims.past(email, claim), hasWaited, post });
      end = endOf(result, hasPosted);
      return result;
    } catch (error) {
      if (hasPosted) end = endAfter(error);
      throw error;
    } finally {
      log.end(claim, end);
    }
  }

  /** It is opened again if it is needed again. */
  async close(): Promise<void> {
    const log = await this.#log?.catch(() => undefined);
    await log?.close();
    this.#log = undefined;
  }

  async #awaitTurn(log: MailLog, claim: Claim): Promise<boolean> {
    let rival = log.claims.rivalOf(claim);
    if (rival === undefined) return false;
    const { host, signal } = this.#ctx;
    const start = host.clock.monotonic();
    for (; rival !== undefined; rival = log.claims.rivalOf(claim)) {
      const waited = host.clock.monotonic() - start;
      if (waited > longestTurn) throw stillClaimed(claim.email, rival);
      if (waited > silentWait) this.#sayWait(rival);
      await host.clock.sleep(pollEvery, signal);
      // Also where nobody waits, another process within this one gets its turn.
      await new Promise(setImmediate);
      log.readBack();
    }
    return true;
  }

  /** Once, however many people the other process mails. */
  #sayWait(rival: Claim): void {
    if (this.#isWaitSaid) return;
    this.#isWaitSaid = true;
    this.#ctx.say(`waiting for ${processName(rival)}, which is mailing "${rival.email}"`);
  }

  /** To write to; undefined where it cannot be kept, which is said. Throws `io_error` if it must not be ignored. */
  async #open(): Promise<MailLog | undefined> {
    if (this.#isGivenUp) return undefined;
    this.#log ??= this.#prepared('open');
    return this.#log;
  }

  async #prepared(act: 'open' | 'readBack'): Promise<MailLog | undefined> {
    const { host, now, say } = this.#ctx;
    const sender = senderOf(this.#ctx.identity(), await this.#organization());
    try {
      const log = new MailLog({ host, now, say, ...sender, command: this.#command });
      await log[act]();
      return log;
    } catch (cause) {
      const error =
        cause instanceof CliError
          ? cause
          : new CliError('io_error', 'cannot write the mail log', { reason: wordsOf(cause), cause });
      // Where a machine has no folder for it, nothing was ever written.
      return act === 'readBack' && error.code !== 'io_error' ? undefined : this.#giveUp(error);
    }
  }

  /** Undefined where the API does not tell, or names several. */
  async #organization(): Promise<string | undefined> {
    try {
      return await this.#findOrganization();
    } catch (error) {
      if (error instanceof CliError && error.code !== 'cancelled') return undefined;
      throw error;
    }
  }

  /** What was written to the log; undefined where it cannot be kept. */
  async #kept<T>(written: Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await written;
    } catch (error) {
      if (!(error instanceof CliError && error.code === 'io_error')) throw error;
      return this.#giveUp(error);
    }
  }

  /** Goes on without the log, if the command may. Throws the failure if it may not. */
  #giveUp(failure: CliError): undefined {
    const { reason } = failure.details;
    if (failure instanceof UnusableLog) throw failure;
    if (this.#isRequired) throw failure.with({ reason: [reason ?? [], 'nothing more was sent'].flat().join('; ') });
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    const words = [failure.message, reason ?? []].flat().join(': ');
    this.#ctx.say(`warning: cannot remember on this machine who was mailed: ${words}`);
  }
}

function endOf({ outcome, invitation }: Result, hasPosted: boolean): End {
  const isSent = hasPosted && mailOutcomes.includes(outcome);
  const id = textAt(invitation ?? {}, 'id');
  const isKnown = isSent || outcome === 'already_invited';
  return { outcome: isSent ? 'sent' : hasPosted ? 'refused' : 'withdrawn', id: isKnown ? id : undefined };
}

function endAfter(error: unknown): End {
  if (error instanceof UnconfirmedMail) return { outcome: 'unknown', answered: error.answered || undefined };
  const mayHaveLeft = error instanceof UnknownOutcome || (error instanceof NoResponse && error.sent);
  return { outcome: mayHaveLeft || !(error instanceof CliError) ? 'unknown' : 'refused' };
}

/** It could not be confirmed whether the mail was sent. */
export class UnconfirmedMail extends CliError {
  /** The API said that it took the invitation, and only what it made of it is not known. */
  readonly answered: boolean;

  constructor(email: string, cause: unknown, answered: boolean, details: FailureDetails = {}) {
    const { http_status, request_id } = cause instanceof CliError ? cause.details : {};
    super('outcome_unknown', `could not confirm whether "${email}" was invited`, {
      reason: cause instanceof CliError ? cause.toRecord().message : String(cause),
      hints: [`check with: invite get ${shellQuote(email)}`],
      target: email,
      cause,
      http_status,
      request_id,
      ...details,
    });
    this.answered = answered;
  }
}

function processName({ by: { command, pid, host } }: Claim): string {
  return `invite ${command}, process ${pid} on ${host}`;
}

function stillClaimed(email: string, rival: Claim): CliError {
  return new CliError('outcome_unknown', `another process is mailing "${email}"`, {
    reason: `${processName(rival)}, has not ended in ${longestTurn / 1000} s`,
    hints: [`check with: invite get ${shellQuote(email)}`],
    target: email,
  });
}

/**
 * `api_confluent_cloud_1111aaaa-…`; with the key in place of an organization that the API does not tell. It may tell it
 * at another time: then what was written under the key counts, and where it does not, whatever this endpoint was asked.
 */
function senderOf(identity: Identity, organization: string | undefined) {
  const endpoint = identity.endpoint.origin.replace(/^https:\/\//, '');
  const named = (who: string) => `${endpoint}_${who}`.replace(/[^\w-]+/g, '_').slice(0, 150);
  const byKey = named(credentialId(identity) ?? identity.kind);
  if (organization === undefined) return { sender: byKey, isKin: (name: string) => name.startsWith(named('')) };
  return { sender: named(organization), isKin: (name: string) => name === byKey };
}

/** The invitations that this machine sent in the last 24 hours. */
export function mailsOf({ mails }: { readonly mails: Pick<Mails, 'past'> }): RecentMails {
  return async (target) => (await mails.past(target)).id;
}
