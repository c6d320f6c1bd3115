import type { Change } from '../../changes/change.ts';
import type { Result } from '../../changes/result.ts';
import type { Context } from '../../context.ts';
import type { Progress } from '../../terminal/progress.ts';

/** Fewer are done before anybody looks. */
const fewestToWatch = 20;

const verbs: Record<Change['kind'], string> = {
  create: 'inviting',
  earlier: 'inviting',
  delete: 'deleting',
  resend: 'mailing',
};

export interface ApplyProgressOptions {
  /** How many there are to do. */
  readonly total: number;
  readonly kind: Change['kind'];
}

/** Somebody's eyes on many changes. */
export interface ApplyProgress {
  /** The same results; each is counted as soon as it is there. */
  count<R extends readonly [number, Result]>(finished: AsyncIterable<R>): AsyncIterable<R>;
  /** The same results; while one is printed nothing is drawn where it goes. */
  around(results: AsyncIterable<Result>): AsyncIterable<Result>;
  end(): void;
}

/** Draws on stderr how far the changes have come, unless they are few or nobody wants to know. */
export async function openApplyProgress(ctx: Context, watching: ApplyProgressOptions): Promise<ApplyProgress> {
  if (ctx.globals.quiet || watching.total < fewestToWatch) return unwatched;
  const progress = await openProgressOn(ctx, watching);
  ctx.drawn(progress);
  return {
    count: (finished) => counted(finished, progress),
    around: (results) => (ctx.host.stdout.isTTY ? covered(results, progress) : results),
    end: () => {
      ctx.drawn(undefined);
      progress.end();
    },
  };
}

const unwatched: ApplyProgress = { count: (finished) => finished, around: (results) => results, end: () => {} };

async function* counted<R extends readonly [number, Result]>(finished: AsyncIterable<R>, progress: Progress) {
  for await (const one of finished) {
    const [, { done_earlier, outcome, error }] = one;
    if (!done_earlier && outcome !== 'not_attempted') progress.advance(error !== undefined);
    yield one;
  }
}

async function* covered(results: AsyncIterable<Result>, progress: Progress) {
  for await (const result of results) {
    progress.hide();
    yield result;
    progress.show();
  }
}

async function openProgressOn(ctx: Context, { total, kind }: ApplyProgressOptions): Promise<Progress> {
  const { openProgress } = await import('../../terminal/progress.ts');
  const { stderr, clock, env } = ctx.host;
  // A bar is drawn over itself, which a screen reader reads out again and again.
  const isDrawn = stderr.isTTY && env.ACCESSIBLE === undefined;
  const screen = {
    columns: stderr.columns,
    write: (text: string) => {
      stderr.stream.write(text);
    },
  };
  return openProgress({ verb: verbs[kind], total, clock, say: ctx.say, ...(isDrawn ? { screen } : {}) });
}
