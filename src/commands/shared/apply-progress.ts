import type { Change } from '../../changes/change.ts';
import type { Result } from '../../changes/result.ts';
import type { Context } from '../../context.ts';
import { isDumb } from '../../output/style.ts';
import type { Progress } from '../../terminal/progress.ts';

/** Fewer changes are done before a bar could be read. */
const fewestShown = 20;

const verbs: Record<Change['kind'], string> = {
  create: 'inviting',
  earlier: 'inviting',
  delete: 'deleting',
  resend: 'mailing',
  grant: 'applying',
  revoke: 'applying',
  withdraw: 'applying',
  remove: 'applying',
};

interface ApplyProgressOptions {
  /** The number of changes. */
  readonly total: number;
  readonly kind: Change['kind'];
}

/** A progress bar beside the results. */
interface ApplyProgress {
  /** Passes the results on and counts each. */
  count<R extends readonly [number, Result]>(finished: AsyncIterable<R>): AsyncIterable<R>;
  /** Passes the results on; the bar is hidden while one is printed. */
  around(results: AsyncIterable<Result>): AsyncIterable<Result>;
  end(): void;
}

/** Draws a progress bar on stderr, unless the changes are few or `--quiet` is given. */
export async function openApplyProgress(ctx: Context, options: ApplyProgressOptions): Promise<ApplyProgress> {
  if (ctx.globals.quiet || options.total < fewestShown) return noProgress;
  const progress = await openProgressOn(ctx, options);
  ctx.setOverlay(progress);
  return {
    count: (finished) => counted(finished, progress),
    around: (results) => (ctx.host.stdout.isTTY ? aroundBar(results, progress) : results),
    end: () => {
      ctx.setOverlay(undefined);
      progress.end();
    },
  };
}

const noProgress: ApplyProgress = { count: (finished) => finished, around: (results) => results, end: () => {} };

async function* counted<R extends readonly [number, Result]>(finished: AsyncIterable<R>, progress: Progress) {
  for await (const one of finished) {
    const [, { done_earlier, outcome, error }] = one;
    if (!done_earlier && outcome !== 'not_attempted') progress.advance(error !== undefined);
    yield one;
  }
}

async function* aroundBar(results: AsyncIterable<Result>, progress: Progress) {
  for await (const result of results) {
    progress.hide();
    yield result;
    progress.show();
  }
}

async function openProgressOn(ctx: Context, { total, kind }: ApplyProgressOptions): Promise<Progress> {
  const { openProgress } = await import('../../terminal/progress.ts');
  const { stderr, clock, env } = ctx.host;
  // A bar that is redrawn is read out again and again by a screen reader, and a dumb terminal cannot redraw.
  const isDrawn = stderr.isTTY && env.ACCESSIBLE === undefined && !isDumb(env);
  const screen = {
    get columns() {
      return stderr.columns;
    },
    write: (text: string) => {
      stderr.stream.write(text);
    },
  };
  return openProgress({ verb: verbs[kind], total, clock, say: ctx.say, ...(isDrawn ? { screen } : {}) });
}
