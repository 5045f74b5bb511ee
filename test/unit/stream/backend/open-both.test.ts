import { expect, it } from 'vitest';
import { openBoth } from '#src/stream/backend/open-both.js';

/** Two parts that open or fail, and the names of those that were closed. */
function world(failing: readonly string[]) {
  const closed: string[] = [];
  const open = async (name: string, turns: number) => {
    for (let i = 0; i < turns; i += 1) await Promise.resolve();
    if (failing.includes(name)) throw new Error(name);
    return { name, close: () => Promise.resolve(void closed.push(name)) };
  };
  return { closed, open };
}

it.each([
  { failing: [], closed: [], end: 'a b' },
  { failing: ['a'], closed: ['b'], end: 'a' },
  { failing: ['b'], closed: ['a'], end: 'b' },
  { failing: ['a', 'b'], closed: [], end: 'a' },
])('opens both or neither: $failing fail', async ({ failing, closed, end }) => {
  const parts = world(failing);

  const opened = await openBoth(parts.open('a', 1), parts.open('b', 5)).then(
    (both) => both.map(({ name }) => name).join(' '),
    (error: unknown) => (error as Error).message,
  );

  expect([opened, parts.closed]).toEqual([end, closed]);
});
