import { NEVER, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { runToEnd } from '#src/offline/run-to-end.js';

const never = new Promise<never>(() => undefined);
const messageOf = (run: Promise<void>): Promise<string> =>
  run.then(
    () => 'done',
    (error: unknown) => (error as Error).message,
  );

describe('runToEnd', () => {
  it('resolves when there are no more frames', async () => {
    const frames = new Subject<number>();
    const run = runToEnd(frames, { failures: [never] });

    frames.next(1);
    frames.complete();

    expect(await messageOf(run)).toBe('done');
  });

  it.each([
    { name: 'the frames fail', fail: ({ frames }: Ways) => frames.error(new Error('frames')), end: 'frames' },
    { name: 'something beside them fails', fail: ({ reject }: Ways) => reject(new Error('encoder')), end: 'encoder' },
    {
      name: 'a source that fails completes its frames',
      fail: ({ frames, reject }: Ways) => {
        reject(new Error('source'));
        frames.complete();
      },
      end: 'source',
    },
    {
      name: 'it is interrupted',
      fail: ({ interrupt }: Ways) => interrupt.abort(),
      end: 'interrupted; the file is not complete',
    },
  ])('ends the subscription and gives the reason when $name', async ({ fail, end }) => {
    const frames = new Subject<number>();
    const { promise, reject } = rejectable();
    const interrupt = new AbortController();
    const run = runToEnd(frames, { failures: [promise], signal: interrupt.signal });

    fail({ frames, reject, interrupt });

    expect(await messageOf(run)).toBe(end);
    expect(frames.observed).toBe(false);
  });

  it('does not begin where it is interrupted already', async () => {
    expect(await messageOf(runToEnd(NEVER, { failures: [], signal: AbortSignal.abort() }))).toMatch(/^interrupted/);
  });
});

interface Ways {
  readonly frames: Subject<number>;
  readonly reject: (error: Error) => void;
  readonly interrupt: AbortController;
}

function rejectable(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  return { promise, reject };
}
