import { describe, expect, it } from 'vitest';
import { spreadViewers, type ServingHost } from '#src/gateway/cluster/edges/spread-viewers.js';

const host = (id: string, viewers: number, more: Partial<ServingHost> = {}): ServingHost => ({
  ...{ id, viewers, viewersPerHost: 10, hasStream: false },
  ...more,
});
const owner = (viewers: number): ServingHost => host('owner', viewers, { hasStream: true });
const shares = (count: number, own: ServingHost, others: readonly ServingHost[]): Record<string, number> =>
  Object.fromEntries(spreadViewers(count, { streamId: 'hall', owner: own, others }));

describe('who sends to viewers', () => {
  it.each<[string, number, ServingHost, ServingHost[], Record<string, number>]>([
    ['the host that runs the stream, while it has room', 3, owner(6), [host('a', 0)], { owner: 3 }],
    ['another one, for those beyond', 3, owner(8), [host('a', 0)], { owner: 2, a: 1 }],
    [
      'one that pulls the stream already, before one with fewer viewers',
      2,
      owner(10),
      [host('a', 0), host('b', 5, { hasStream: true })],
      { b: 2 },
    ],
    ['one that is chosen first takes the next ones as well', 4, owner(10), [host('a', 0), host('b', 1)], { a: 4 }],
    ['the next one, once that is full', 12, owner(10), [host('a', 0), host('b', 1)], { a: 10, b: 2 }],
    [
      'the one with the fewest viewers, of those that pull it',
      3,
      owner(10),
      [host('a', 4, { hasStream: true }), host('b', 3, { hasStream: true })],
      { a: 1, b: 2 },
    ],
    ['as every host is configured', 2, owner(10), [host('a', 0, { viewersPerHost: 1 }), host('b', 9)], { a: 1, b: 1 }],
    ['all of them by turns, where none has room', 4, owner(11), [host('a', 10), host('b', 12)], { owner: 2, a: 2 }],
    ['the host that runs the stream, where there is no other', 2, owner(10), [], { owner: 2 }],
    ['nobody, where no viewer comes', 0, owner(10), [host('a', 0)], {}],
  ])('is %s', (_name, count, own, others, expected) => {
    expect(shares(count, own, others)).toEqual(expected);
  });

  it('begins with another host for another stream, where all are equal', () => {
    const others = ['a', 'b', 'c', 'd'].map((id) => host(id, 0));
    const first = (streamId: string): string => {
      const [[id = ''] = []] = spreadViewers(1, { streamId, owner: owner(10), others });
      return id;
    };
    const chosen = new Set(Array.from({ length: 40 }, (_, index) => first(`stream-${index}`)));
    expect([...chosen].sort()).toEqual(['a', 'b', 'c', 'd']);
  });
});
