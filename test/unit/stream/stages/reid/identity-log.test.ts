import { describe, expect, it } from 'vitest';
import { IdentityLog } from '#src/stream/stages/reid/identity-log.js';
import { identityAt, named } from './identities.js';

const risk = { value: 0.5, reasons: ['jump' as const] };
const person = named(identityAt({ x: 0 })).person!;
const former = named(identityAt({ x: 0 })).person!;

describe('IdentityLog', () => {
  it('hands out each event once, oldest first', () => {
    const log = new IdentityLog();
    const identity = Object.assign(identityAt({ x: 0 }), { uncertainty: 0.4, reasons: new Set(['rival']) });
    log.suspected(40, person, identity);
    log.named(80, { event: 'swap_corrected', person, former, risk, distances: { 1: 0.2 } });

    expect(log.takeEvents()).toEqual([
      { ptsMs: 40, name: 'swap_suspected', trackId: person.id, risk: 0.4, reasons: ['rival'] },
      {
        ptsMs: 80,
        name: 'swap_corrected',
        trackId: person.id,
        formerTrackId: former.id,
        risk: 0.5,
        reasons: ['jump'],
        distances: { 1: 0.2 },
      },
    ]);
    expect(log.takeEvents()).toEqual([]);
  });

  it.each([
    { event: 'swap_corrected' as const, swapsCorrected: 1 },
    { event: 'reentry' as const, swapsCorrected: 0 },
    { event: 'new_identity' as const, swapsCorrected: 0 },
  ])('counts corrections of swaps: $event', ({ event, swapsCorrected }) => {
    const log = new IdentityLog();

    log.named(0, { event, person, risk });

    expect(log.counts(10, 4)).toEqual({ matched: 10, computed: 4, skipped: 6, swapsSuspected: 0, swapsCorrected });
  });

  it('reports every five seconds how many detections were skipped since', () => {
    const log = new IdentityLog();
    for (let ptsMs = 0; ptsMs <= 12_000; ptsMs += 1_000) log.reportSkipped(ptsMs, ptsMs / 100);

    expect(log.takeEvents()).toEqual([
      { ptsMs: 5_000, name: 'reid_skipped', count: 50, risk: 0, reasons: [] },
      { ptsMs: 10_000, name: 'reid_skipped', count: 50, risk: 0, reasons: [] },
    ]);
  });

  it('reports nothing where nothing was skipped', () => {
    const log = new IdentityLog();
    log.reportSkipped(0, 7);
    log.reportSkipped(6_000, 7);

    expect(log.takeEvents()).toEqual([]);
  });
});
