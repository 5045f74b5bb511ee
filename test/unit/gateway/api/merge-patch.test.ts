import { expect, it } from 'vitest';
import { mergePatch } from '#src/gateway/api/merge-patch.js';

// Cases of RFC 7396, appendix A.
it.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j changed by %j is %j', (target, patch, expected) => {
  expect(mergePatch(target, patch)).toEqual(expected);
});

it('leaves prototypes alone', () => {
  const merged = mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}') as unknown);

  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  expect(merged).not.toHaveProperty('polluted');
});

it('refuses blocks that go deeper than any option, however deep', () => {
  const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as unknown;

  expect(() => mergePatch({}, nested(5000))).toThrow(/deeper than 32/);
  expect(mergePatch({}, nested(32))).toEqual(nested(32));
});

it('takes a key that every object inherits for what it is: a new one', () => {
  expect(mergePatch({}, { constructor: { x: 1 } })).toEqual({ constructor: { x: 1 } });
});
