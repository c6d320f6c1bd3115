import { CliError } from '../errors.ts';
import { NoResponse, UnknownOutcome } from '../http/failure.ts';
import { textAt } from '../text/json-fields.ts';
import { shellQuote } from '../text/suggest.ts';
import type { Tools } from './change.ts';
import type { MailLog, PastMails } from './mail-log.ts';
import type { Claim, End, MailOutcome } from './mail-log-lines.ts';
import type { Result } from './result.ts';
import { OutcomeUnknown } from './send.ts';

/** Milliseconds that another process may take to mail somebody: the time of one operation. */
const longestTurn = 120_000;

/** Milliseconds between two looks at the log while another process mails the same person. */
const pollEvery = 100;

/** The right to mail one person, until it is given back. */
export interface Turn {
  /** What this machine mailed them before. */
  readonly past: PastMails;
  /** Another process went first. */
  readonly hasWaited: boolean;
  /** Something is to be looked up first: if this process ends meanwhile, nothing was sent. */
  pause(): Promise<void>;
  /** To be called before each POST. `again`: one whose end is unknown may have been sent before. */
  post(again: boolean): Promise<void>;
}

/** Claims an address, waits for whoever claimed it earlier, acts, and writes down what came of it. */
export async function inTurn(
  { email, as }: { readonly email: string; readonly as: MailOutcome },
  tools: Tools,
  act: (turn: Turn) => Promise<Result>,
): Promise<Result> {
  const writing = new Writing(await tools.mails.log(), tools);
  const claim = await writing.claim(email, as);
  if (claim === undefined) return act({ past: {}, hasWaited: false, pause: async () => {}, post: async () => {} });
  let end: End = { outcome: 'withdrawn' };
  let hasPosted = false;
  try {
    const hasWaited = await writing.awaitTurn(claim);
    const result = await act({
      ...{ past: writing.past(claim), hasWaited },
      pause: () => writing.pause(claim),
      post: async (again) => {
        await writing.post(claim, again);
        hasPosted = true;
      },
    });
    end = endOf(result, hasPosted);
    return result;
  } catch (error) {
    if (hasPosted) end = endAfter(error);
    throw error;
  } finally {
    writing.end(claim, end);
  }
}

const mailOutcomes: readonly string[] = ['created', 'reinvited', 'resent'] satisfies MailOutcome[];

function endOf({ outcome, invitation }: Result, hasPosted: boolean): End {
  const isSent = hasPosted && mailOutcomes.includes(outcome);
  const id = textAt(invitation ?? {}, 'id');
  const isKnown = id !== undefined && (isSent || outcome === 'already_invited');
  return { outcome: isSent ? 'sent' : hasPosted ? 'refused' : 'withdrawn', ...(isKnown ? { id } : {}) };
}

function endAfter(error: unknown): End {
  if (error instanceof OutcomeUnknown) return { outcome: 'unknown', ...(error.answered ? { answered: true } : {}) };
  const mayHaveLeft = error instanceof UnknownOutcome || (error instanceof NoResponse && error.sent);
  return { outcome: mayHaveLeft || !(error instanceof CliError) ? 'unknown' : 'refused' };
}

/** The log, as far as it can be kept. */
class Writing {
  readonly #log: MailLog | undefined;
  readonly #tools: Tools;

  constructor(log: MailLog | undefined, tools: Tools) {
    this.#log = log;
    this.#tools = tools;
  }

  async claim(email: string, as: MailOutcome): Promise<Claim | undefined> {
    return this.#kept((log) => log.claim(email, as));
  }

  past(claim: Claim): PastMails {
    return this.#log?.past(claim.email, claim) ?? {};
  }

  async pause(claim: Claim): Promise<void> {
    if (!claim.isWaiting) await this.#kept((log) => log.wait(claim));
  }

  async post(claim: Claim, again: boolean): Promise<void> {
    if (claim.isWaiting || again) await this.#kept((log) => log.send(claim, again));
  }

  end(claim: Claim, end: End): void {
    this.#log?.end(claim, end);
  }

  /** Whether another process went first. */
  async awaitTurn(claim: Claim): Promise<boolean> {
    const log = this.#log;
    let rival = log?.rivalOf(claim);
    if (log === undefined || rival === undefined) return false;
    await this.pause(claim);
    const { clock, deadline } = this.#tools;
    for (const start = clock.monotonic(); rival !== undefined; rival = log.rivalOf(claim)) {
      if (clock.monotonic() - start > longestTurn) throw stillClaimed(claim.email, rival);
      await clock.sleep(pollEvery, deadline);
      // Also where nobody waits, another process within this one gets its turn.
      await new Promise(setImmediate);
      log.readBack();
    }
    return true;
  }

  async #kept<T>(act: (log: MailLog) => Promise<T>): Promise<T | undefined> {
    if (this.#log === undefined) return undefined;
    try {
      return await act(this.#log);
    } catch (error) {
      if (!(error instanceof CliError && error.code === 'io_error')) throw error;
      this.#tools.mails.giveUp(error);
      return undefined;
    }
  }
}

function stillClaimed(email: string, { command, owner: { place, pid } }: Claim): CliError {
  const [host] = place.split('/');
  return new CliError('outcome_unknown', `another process is mailing "${email}"`, {
    reason: `invite ${command}, process ${pid} on ${host}, has not ended in ${longestTurn / 1000} s`,
    hints: [`check with: invite get ${shellQuote(email)}`],
    target: email,
  });
}
