import { describe, expect, it } from 'vitest';
import { isBesideNews, needToWrite, type MeasuredStream } from '#src/gateway/cluster/unit-reports.js';

const KNOWN = { units: 2, estimate: 1, epoch: 7 };
const STREAM: MeasuredStream = { epoch: 7, estimate: 1, measured: 2, runsForMs: 100_000, writtenForMs: 100_000 };

describe('what a host writes of a stream', () => {
  it.each<readonly [string, typeof KNOWN | undefined, Partial<MeasuredStream>, number | undefined]>([
    ['nothing that is known', KNOWN, {}, undefined],
    ['nothing that is not measured', KNOWN, { epoch: 8, measured: undefined }, undefined],
    ['nothing for 15 s from its claim', undefined, { runsForMs: 14_999 }, undefined],
    ['what it takes, then', undefined, { runsForMs: 15_000 }, 2],
    ['that it takes the same here', KNOWN, { epoch: 8, writtenForMs: 0 }, 2],
    ['nothing that has hardly changed', KNOWN, { measured: 2.3 }, undefined],
    ['what has changed by a fifth', KNOWN, { measured: 2.5 }, 2.5],
    ['what has become less', KNOWN, { measured: 1.5 }, 1.5],
    ['nothing within a minute', KNOWN, { measured: 4, writtenForMs: 59_999 }, undefined],
    ['nothing of a small stream that changes little', { ...KNOWN, units: 0.2 }, { measured: 0.28 }, undefined],
    ['what it takes with another configuration', KNOWN, { estimate: 2 }, 2],
  ])('is %s', (_what, known, change, units) => {
    const stream = { ...STREAM, ...change };

    const need = needToWrite(known, stream);

    expect(need).toEqual(units === undefined ? undefined : { units, estimate: stream.estimate, epoch: stream.epoch });
  });
});

describe('what a host writes of itself', () => {
  it.each([
    ['not what has hardly changed', 1, 1.2, 60_000, false],
    ['what has changed', 1, 1.3, 15_000, true],
    ['not so soon', 1, 3, 14_000, false],
  ])('is %s', (_what, said, now, forMs, isNews) => {
    expect(isBesideNews(said, now, forMs)).toBe(isNews);
  });
});
