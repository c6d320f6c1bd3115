import { type EmailMap, foldEmail } from '../api/email.ts';
import type { RecentMails, Target } from '../api/targets.ts';
import type { Context } from '../cli/context.ts';
import { credentialId, type Identity } from '../profiles/profile.ts';
import type { Mailed } from './change.ts';
import { MailLog, type Sender } from './mail-log.ts';
import { type Remembering, recentMails } from './mail-log-reader.ts';

/** The mails that this machine sent in the last 24 hours with this key. */
export function rememberedMails(
  ctx: Context,
  about: Pick<Remembering, 'wanted' | 'readOnly' | 'own'>,
): EmailMap<Mailed> {
  const { stateDir, uid, clock } = ctx.host;
  return recentMails({ ...about, stateDir, uid, sender: senderOf(ctx.identity()), now: clock.now(), say: ctx.say });
}

/** The mails that this machine sent to those of the targets that are named by e-mail. Changes nothing on this machine. */
export function mailsTo(ctx: Context, targets: readonly Target[]): RecentMails | undefined {
  const emails = targets.flatMap(({ kind, text }) => (kind === 'email' ? [foldEmail(text)] : []));
  return emails.length === 0 ? undefined : rememberedMails(ctx, { wanted: new Set(emails), readOnly: true });
}

/** The log of the mails that a command sends. If it cannot be kept, as in a container, only people are warned. */
export function mailLogOf(ctx: Context): MailLog {
  const { stateDir, clock } = ctx.host;
  return new MailLog({ stateDir, sender: senderOf(ctx.identity()), now: () => clock.now(), say: ctx.remark });
}

/** The key that mails, without its secret. Access tokens of one endpoint cannot be told apart. */
function senderOf(identity: Identity): Sender {
  return { origin: identity.endpoint.origin, key_id: credentialId(identity) };
}
