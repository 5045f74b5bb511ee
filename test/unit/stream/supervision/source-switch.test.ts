import { describe, expect, it } from 'vitest';
import {
  FORMER_MS,
  nextSwitch,
  STEADY,
  YIELD_MS,
  type SwitchEvent,
  type SwitchState,
  type SwitchStep,
} from '#src/stream/supervision/source-switch.js';

const NOW = 100_000;
const beside: SwitchState = { type: 'beside', hasYielded: false };
const yielded: SwitchState = { type: 'beside', hasYielded: true };
const alone: SwitchState = { type: 'alone', sinceMs: NOW };
const wanted: SwitchEvent = { type: 'wanted', isShown: false, isLost: false };
const wantedBack: SwitchEvent = { type: 'wanted', isShown: true, isLost: false };
const wantedWhileLost: SwitchEvent = { type: 'wanted', isShown: false, isLost: true };
const picture: SwitchEvent = { type: 'picture' };
const failed: SwitchEvent = { type: 'failed', isBusy: false };
const busy: SwitchEvent = { type: 'failed', isBusy: true };
const tick = (isLost: boolean): SwitchEvent => ({ type: 'tick', isLost });

describe('nextSwitch', () => {
  it.each<[string, SwitchState, SwitchEvent, SwitchState, SwitchStep[]]>([
    ['opens another source beside the one that is shown', STEADY, wanted, beside, ['open-next']],
    ['has nothing to keep of a source without pictures', STEADY, wantedWhileLost, STEADY, ['open-next', 'show-next']],
    ['stays where the source that is shown is wanted', STEADY, wantedBack, STEADY, []],
    ['shows the next one from its first picture', beside, picture, STEADY, ['show-next']],
    ['keeps what is shown while the next one fails', beside, failed, beside, []],
    ['forgets the next one where the shown one is wanted again', beside, wantedBack, STEADY, ['close-next']],
    ['opens a third one in place of the second', beside, wanted, beside, ['close-next', 'open-next']],
    [
      'opens a third one in place of both where neither has pictures',
      ...([beside, wantedWhileLost, STEADY, ['close-next', 'open-next', 'show-next']] as const),
    ],
    [
      'closes the shown one where the next one is refused beside it',
      beside,
      busy,
      alone,
      ['close-shown', 'retry-next'],
    ],
    ['does so once', yielded, busy, yielded, []],
    ['shows the next one also where the shown one was closed for it', alone, picture, STEADY, ['show-next']],
    ['waits for a camera that frees its session late', alone, busy, alone, []],
    ['takes the shown one back where the next one fails otherwise', alone, failed, yielded, ['reopen-shown']],
    ['takes the shown one back where it is wanted again', alone, wantedBack, STEADY, ['close-next', 'reopen-shown']],
    [
      'takes the shown one back, closed for the second, where a third is wanted',
      ...([alone, wantedWhileLost, beside, ['close-next', 'reopen-shown', 'open-next']] as const),
    ],
    ['waits for a shown one that is lost', beside, tick(true), { ...beside, lostSinceMs: NOW }, []],
    ['forgets that it was lost', { ...beside, lostSinceMs: NOW - 1000 }, tick(false), beside, []],
    ['needs no time where it is steady', STEADY, tick(true), STEADY, []],
    ['needs no time while the shown one is closed', alone, tick(true), alone, []],
    ['a picture or failure of a source that is not wanted any more means nothing', STEADY, picture, STEADY, []],
  ] as [string, SwitchState, SwitchEvent, SwitchState, SwitchStep[]][])('%s', (_name, before, event, state, steps) => {
    expect(nextSwitch(before, event, NOW)).toEqual({ state, steps: [...steps] });
  });

  it('gives a shown one up that has been lost for long', () => {
    const { state } = nextSwitch(beside, tick(true), NOW);

    const early = nextSwitch(state, tick(true), NOW + FORMER_MS - 1);
    const late = nextSwitch(early.state, tick(true), NOW + FORMER_MS);

    expect(early.steps).toEqual([]);
    expect(late).toEqual({ state: STEADY, steps: ['show-next'] });
  });

  it('takes the shown one back where the next one is refused for long without it', () => {
    const early = nextSwitch(alone, busy, NOW + YIELD_MS - 1);
    const late = nextSwitch(early.state, busy, NOW + YIELD_MS);

    expect(early.steps).toEqual([]);
    expect(late).toEqual({ state: yielded, steps: ['reopen-shown'] });
  });
});
