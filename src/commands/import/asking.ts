import type { Context } from '../../context.ts';
import { countPhrase } from '../who.ts';
import type { Import } from './act.ts';
import type { Outlook } from './planning.ts';

/** Asks whether what is going to be done is what is wanted. Nothing is asked if nothing is going to be done. */
export async function confirmImport(ctx: Context, { input, options }: Import, outlook: Outlook): Promise<void> {
  const { mails, granted } = outlook;
  const tight = quotaWords(outlook);
  if (options.yes === true && tight !== undefined) ctx.say(`warning: ${tight}`);
  if (mails + granted === 0) return;
  const name = input.organization?.name;
  const id = outlook.organization;
  const where = id === undefined ? 'the organization of this key' : name === undefined ? id : `"${name}" (${id})`;
  const lines = [
    `invite ${people(mails)} from "${input.name}" into ${where}?`,
    ...(outlook.earlier > 0 ? [`  ${outlook.earlier} done by an earlier run`] : []),
    ...(outlook.invited + outlook.members > 0
      ? [`  ${outlook.invited} invited and ${outlook.members} members already: no mail`]
      : []),
    ...(outlook.mailed > 0
      ? [`  ${people(outlook.mailed)} of them mailed from this machine within a day: looked up once more first`]
      : []),
    ...(granted > 0 ? [`  roles for ${people(granted)}`] : []),
    ...(tight === undefined ? [] : [`  ${tight}`]),
    ...(ctx.identity().profile === undefined ? [] : [`  with the profile "${ctx.identity().profile}"`]),
  ];
  await ctx.confirm({
    message: lines.join('\n'),
    flag: '--yes',
    answered: options.yes === true,
    ...countPhrase(mails),
  });
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}

/** What the quota means for this import; undefined if there is room for all. */
function quotaWords({ quota, mails }: Outlook): string | undefined {
  if (quota === undefined || mails <= quota.left) return undefined;
  return `${quota.limit} invitations may be pending at once, there is room for ${quota.left}: ${mails - quota.left} will be refused`;
}
