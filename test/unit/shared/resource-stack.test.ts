import { describe, expect, it } from 'vitest';
import { ResourceStack, withResources } from '#src/shared/resource-stack.js';

/** Acquires a, b and c, of which `failing` can't be released; says what was released, and how it ended. */
async function acquireThree({ failing = [] as string[], work = (): void => undefined } = {}) {
  const released: string[] = [];
  const ending = withResources(async (resources) => {
    for (const name of ['a', 'b', 'c']) {
      resources.adopt(name, async () => {
        await Promise.resolve();
        released.push(name);
        if (failing.includes(name)) throw new Error(`release of ${name}`);
      });
    }
    await Promise.resolve();
    work();
    return 'result';
  });
  const end = await ending.catch((error: unknown) => (error as Error).message);
  return { released, end };
}

describe('withResources', () => {
  const failWork = (): void => {
    throw new Error('work');
  };
  it.each([
    { name: 'releases in reverse order', options: {}, end: 'result' },
    { name: 'releases when the work fails', options: { work: failWork }, end: 'work' },
    {
      name: 'goes on when a release fails, and tells the first',
      options: { failing: ['a', 'b'] },
      end: 'release of b',
    },
    { name: 'tells why the work failed first', options: { work: failWork, failing: ['c'] }, end: 'work' },
  ])('$name', async ({ options, end }) => {
    expect(await acquireThree(options)).toEqual({ released: ['c', 'b', 'a'], end });
  });
});

describe('ResourceStack', () => {
  it('releases once, however often it is closed', async () => {
    const stack = new ResourceStack();
    let released = 0;
    stack.defer(() => (released += 1));

    await Promise.all([stack.close(), stack.close()]);

    expect(released).toBe(1);
  });

  it('leaves what was moved to the other stack', async () => {
    const stack = new ResourceStack();
    const released: string[] = [];
    stack.defer(() => released.push('moved'));

    const heir = stack.move();
    await stack.close();
    expect(released).toEqual([]);

    await heir.close();
    expect(released).toEqual(['moved']);
  });

  it('takes nothing over after the end', async () => {
    const stack = new ResourceStack();
    await stack.close();

    expect(() => stack.defer(() => undefined)).toThrow(RangeError);
  });
});
