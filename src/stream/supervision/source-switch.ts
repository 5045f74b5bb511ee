/**
 * How a stream goes from one source to another. The one that is shown stays on the air until the next one has a picture:
 *
 * ```
 *              ┌──────────────────picture──────────────────┐
 *              ▼                                           │
 *           steady ──wanted──▶ beside ──failed (busy)──▶ alone
 *              ▲                │  ▲                       │
 *              └──picture, tick─┘  └────failed, wanted─────┘
 * ```
 *
 * `steady`: one source · `beside`: the next one is opened beside the one that is shown · `alone`: the shown one was
 * closed for the next, because the camera gives one session only; it comes back where the next one fails all the same.
 */
export type SwitchState =
  | { readonly type: 'steady' }
  | {
      readonly type: 'beside';
      /** The shown one was closed for this next one already, in vain. */
      readonly hasYielded: boolean;
      /** Since when the shown one has been lost, ms; absent while it is received. */
      readonly lostSinceMs?: number;
    }
  | {
      readonly type: 'alone';
      /** Since when, ms. */
      readonly sinceMs: number;
    };

/** What happens to the sources of a stream. */
export type SwitchEvent =
  /** Another source is wanted; `isShown` where it is the one that is shown, `isLost` where that has no pictures now. */
  | { readonly type: 'wanted'; readonly isShown: boolean; readonly isLost: boolean }
  /** The next one has a picture. */
  | { readonly type: 'picture' }
  /** The next one could not be opened, or was lost; `isBusy` where the shown one may be what is in its way. */
  | { readonly type: 'failed'; readonly isBusy: boolean }
  /** Time goes by; `isLost` as above. */
  | { readonly type: 'tick'; readonly isLost: boolean };

/** What is to be done, in this order. */
export type SwitchStep =
  | 'open-next'
  | 'close-next'
  /** The next one is shown from now on, and the one that was shown is closed. */
  | 'show-next'
  | 'close-shown'
  | 'reopen-shown'
  /** As soon as the shown one is closed. */
  | 'retry-next';

/** What follows from an event. */
export interface SwitchTransition {
  /** From now on. */
  readonly state: SwitchState;
  /** In their order. */
  readonly steps: readonly SwitchStep[];
}

/** For so long the shown source stays closed for one that is refused beside it, ms. Cameras free a session late. */
export const YIELD_MS = 10_000;
/**
 * A shown source that is lost while another one is wanted is opened again for so long, ms. After that it is given up:
 * nobody expects a former camera to be on the air again an hour later.
 */
export const FORMER_MS = 30_000;

/** Only one source. */
export const STEADY: SwitchState = { type: 'steady' };

const BESIDE: SwitchState = { type: 'beside', hasYielded: false };

/** The state after an event at `nowMs`, and what is to be done. */
export function nextSwitch(state: SwitchState, event: SwitchEvent, nowMs: number): SwitchTransition {
  if (event.type === 'wanted') return onWanted(state, event);
  if (state.type === 'steady') return { state, steps: [] };
  if (event.type === 'picture') return { state: STEADY, steps: ['show-next'] };
  return state.type === 'beside' ? whileBeside(state, event, nowMs) : whileAlone(state, event, nowMs);
}

function onWanted(
  state: SwitchState,
  { isShown, isLost }: Extract<SwitchEvent, { readonly type: 'wanted' }>,
): SwitchTransition {
  const ends: readonly SwitchStep[] = state.type === 'steady' ? [] : ['close-next'];
  const returns: readonly SwitchStep[] = state.type === 'alone' ? ['reopen-shown'] : [];
  if (isShown) return { state: STEADY, steps: [...ends, ...returns] };
  // There is no picture that could be kept.
  if (isLost && state.type !== 'alone') return { state: STEADY, steps: [...ends, 'open-next', 'show-next'] };
  return { state: BESIDE, steps: [...ends, ...returns, 'open-next'] };
}

type Later = Exclude<SwitchEvent, { readonly type: 'wanted' | 'picture' }>;

function whileBeside(
  state: Extract<SwitchState, { readonly type: 'beside' }>,
  event: Later,
  nowMs: number,
): SwitchTransition {
  const { hasYielded, lostSinceMs } = state;
  if (event.type === 'failed') {
    if (!event.isBusy || hasYielded) return { state, steps: [] };
    return { state: { type: 'alone', sinceMs: nowMs }, steps: ['close-shown', 'retry-next'] };
  }
  if (!event.isLost) return { state: { type: 'beside', hasYielded }, steps: [] };
  const sinceMs = lostSinceMs ?? nowMs;
  if (nowMs - sinceMs >= FORMER_MS) return { state: STEADY, steps: ['show-next'] };
  return { state: { type: 'beside', hasYielded, lostSinceMs: sinceMs }, steps: [] };
}

function whileAlone(
  state: Extract<SwitchState, { readonly type: 'alone' }>,
  event: Later,
  nowMs: number,
): SwitchTransition {
  if (event.type === 'tick' || (event.isBusy && nowMs - state.sinceMs < YIELD_MS)) return { state, steps: [] };
  return { state: { type: 'beside', hasYielded: true }, steps: ['reopen-shown'] };
}
