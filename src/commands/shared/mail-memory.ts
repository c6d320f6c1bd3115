import type { Mailed } from '../../changes/change.ts';
import { MailLog, type Sender } from '../../changes/mail-log.ts';
import { type Remembering, recentMails } from '../../changes/mail-log-reader.ts';
import type { Context } from '../../context.ts';
import type { ByEmail } from '../../invitations/by-email.ts';
import { foldEmail } from '../../invitations/email.ts';
import type { RecentMails, Target } from '../../invitations/targets.ts';
import type { Identity } from '../../profiles/profile.ts';
import { shortKeyId } from '../../profiles/secret.ts';

/** The mails that this machine sent in the last 24 hours with this key. */
export function rememberedMails(
  ctx: Context,
  about: Pick<Remembering, 'wanted' | 'readOnly' | 'own'>,
): ByEmail<Mailed> {
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
function senderOf({ endpoint, kind, api_key }: Identity): Sender {
  const key_id = { key: shortKeyId(api_key), token: 'access token', sandbox: null }[kind];
  return { origin: endpoint.origin, key_id };
}
