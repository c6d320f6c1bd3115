import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Invitation, type State, stateOf, textAt } from '../invitations/invitation.ts';
import { clean } from '../output/sanitize.ts';
import { relativeTime } from '../output/times.ts';

/** More than anybody would scroll through; whoever has more types a part of the address. */
const mostOffered = 5_000;

/** More than anybody would hear read out. */
const mostRead = 20;

/**
 * The id, or the e-mail, of the invitation that a person chooses from a list of those in a fitting state. Throws `usage` where nobody
 * can be asked: a missing target never means all.
 */
export async function pickTarget(ctx: Context, question: string, fitting?: readonly State[]): Promise<string> {
  const desk = ctx.desk();
  if (desk === undefined) {
    throw new CliError('usage', 'missing target: name an id or an e-mail', {
      hints: ['invite list'],
    });
  }
  const now = ctx.host.clock.now();
  const choices = (await offered(ctx, fitting)).map((one) => ({
    name: lineOf(one, now),
    value: textAt(one, 'id') ?? '',
  }));
  if (choices.length === 0) throw new CliError('not_found', 'there is no invitation to choose from');
  const { askSearch, askText } = await import('../terminal/prompt.ts');
  if (ctx.host.env.ACCESSIBLE === undefined) return askSearch(desk, question, choices);
  const more = choices.length > mostRead ? [`and ${choices.length - mostRead} more`] : [];
  ctx.say([...choices.slice(0, mostRead).map(({ name }) => name), ...more].join('\n'));
  return askText(desk, `${question} id or e-mail:`, { validate: (text) => text.trim() !== '' || 'type one of them' });
}

async function offered(ctx: Context, fitting: readonly State[] | undefined): Promise<Invitation[]> {
  const now = ctx.host.clock.now();
  const all: Invitation[] = [];
  for await (const batch of (await ctx.invitations()).list({}, { whole: true })) {
    all.push(...batch.filter((one) => fitting === undefined || fitting.includes(stateOf(one, now))));
    if (all.length >= mostOffered) break;
  }
  return all;
}

/** `ann@example.com  pending  created 3 days ago  i-7od91` */
function lineOf(invitation: Invitation, now: number): string {
  const created = textAt(invitation, 'metadata', 'created_at');
  const age = created === undefined ? [] : [`created ${relativeTime(created, now)}`];
  const words = [textAt(invitation, 'email') ?? '-', stateOf(invitation, now), ...age, textAt(invitation, 'id') ?? '-'];
  return clean(words.join('  '));
}
