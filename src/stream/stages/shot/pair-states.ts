import type { ShotReason } from '../../../shared/domain/shot.js';
import type { TrackId } from '../../../shared/domain/track.js';
import { closenessOf, type Closeness, type TileSetting } from './closeness.js';
import type { Head } from '../../domain/head.js';
import type { HeadPlace } from '../../domain/head-crop.js';
import { matchHeads } from '../../domain/match-heads.js';
import type { PersonMotion } from './person-motion.js';

/** What {@link PairStates.update} needs besides people. */
export interface PairMoment {
  /** PTS, s. */
  readonly nowS: number;
  /** Whether pairs may come together and part now; two tiles with one person may always. */
  readonly mayChange: boolean;
  /** Who has come into the shot with this frame. */
  readonly isNew: (id: TrackId) => boolean;
  /** The tiles that people would have. */
  readonly setting: TileSetting;
}

interface PairState {
  readonly ids: readonly [TrackId, TrackId];
  isJoined: boolean;
  /** Since when they have been apart far enough, s. */
  apartSinceS: number | undefined;
  /** Whether their tiles would show one of them twice, now or in a moment. */
  isHeadShared: boolean;
  /** Whether they have been apart for long enough, and part as soon as the shot may change. */
  isWaiting: boolean;
}

/** People are looked at where they will be in so many seconds: a change of shots takes as long. */
const AHEAD_S = 0.35;
/** Tiles that have more in common than this, as a share, are one frame. */
const MOST_OVERLAP = 0.06;
/** Back to tiles, there has to be so much space between them, as a share of their width, for so long, s. */
const APART_RATIO = 0.12;
const APART_S = 0.5;
/** People in one frame change their order when they have passed each other by this, in heads. */
const PASSED_HEADS = 0.3;

/** Which people share a frame: by pairs, with hysteresis. */
export class PairStates {
  #pairs = new Map<string, PairState>();
  #order: readonly TrackId[] = [];

  /** Forgets all pairs: the next shot begins with people as they stand. */
  reset(): void {
    this.#pairs.clear();
  }

  /** Takes in who is in the shot and where they are. */
  update(shown: readonly TrackId[], people: ReadonlyMap<TrackId, PersonMotion>, moment: PairMoment): void {
    const before = this.#pairs;
    this.#pairs = new Map();
    const others = [...people]
      .filter(([id, person]) => !shown.includes(id) && person.isSeen)
      .map(([, { head }]) => head);
    const { tile, picture, framing } = moment.setting;
    const places = matchHeads(
      shown.map((id) => ({ head: people.get(id)!.head, tile })),
      picture,
      framing,
    );
    shown.forEach((a, index) => {
      for (const b of shown.slice(index + 1)) {
        const ids = a < b ? ([a, b] as const) : ([b, a] as const);
        const state = before.get(ids.join()) ?? {
          ids,
          isJoined: false,
          apartSinceS: undefined,
          isHeadShared: false,
          isWaiting: false,
        };
        this.#pairs.set(ids.join(), state);
        judge(state, people.get(a)!, people.get(b)!, {
          nowS: moment.nowS,
          setting: moment.setting,
          others,
          places: [places[index], places[shown.indexOf(b)]],
          mayChange: moment.mayChange || moment.isNew(a) || moment.isNew(b),
        });
      }
    });
    this.#order = inOrder(shown, this.#order, people);
  }

  /** People who share a frame, each group from left to right; groups in the order of their first slot. */
  groups(shown: readonly TrackId[]): readonly (readonly TrackId[])[] {
    const groups: TrackId[][] = [];
    for (const id of shown) {
      const near = groups.filter((group) => group.some((other) => this.#of(id, other)?.isJoined));
      const [first] = near;
      if (!first) {
        groups.push([id]);
        continue;
      }
      first.push(id, ...near.slice(1).flat());
      for (const merged of near.slice(1)) groups.splice(groups.indexOf(merged), 1);
    }
    return groups.map((group) => this.inOrder(group));
  }

  /** These people from left to right. */
  inOrder(shown: readonly TrackId[]): readonly TrackId[] {
    if (shown.length < 2) return shown;
    return [...shown].sort((a, b) => this.#order.indexOf(a) - this.#order.indexOf(b));
  }

  /** Why people share frames. */
  reason(shown: readonly TrackId[]): ShotReason {
    if (this.isUrgent(shown)) return 'same_person';
    const isWaiting = shown.some((a) => shown.some((b) => a !== b && this.#of(a, b)?.isWaiting));
    return isWaiting ? 'too_soon' : 'close';
  }

  /** Whether two of these people would be seen twice in tiles of their own. */
  isUrgent(group: readonly TrackId[]): boolean {
    return group.some((a) => group.some((b) => a !== b && this.#of(a, b)?.isHeadShared));
  }

  #of(a: TrackId, b: TrackId): PairState | undefined {
    return this.#pairs.get(a < b ? `${a},${b}` : `${b},${a}`);
  }
}

/** What a pair is judged by, besides the two. */
interface OthersInPicture {
  /** Heads of people without a tile. */
  readonly others: readonly Head[];
  /** Where the heads of the two lie in their tiles. */
  readonly places: readonly [HeadPlace | undefined, HeadPlace | undefined];
}

function judge(
  state: PairState,
  a: PersonMotion,
  b: PersonMotion,
  { nowS, mayChange, setting, others, places }: Omit<PairMoment, 'isNew'> & OthersInPicture,
): void {
  const now = closenessOf(a.head, b.head, setting, places, { others });
  const soon = closenessOf(a.ahead(AHEAD_S), b.ahead(AHEAD_S), setting, places);
  state.isHeadShared = now.isHeadShared || soon.isHeadShared;
  state.isWaiting = false;
  if (!state.isJoined) {
    state.apartSinceS = undefined;
    state.isJoined = state.isHeadShared || (mayChange && overlapOf(now, soon) > MOST_OVERLAP);
    return;
  }
  const isApart =
    !state.isHeadShared && closenessOf(a.head, b.head, setting, places, { margin: APART_RATIO }).overlap === 0;
  state.apartSinceS = isApart ? (state.apartSinceS ?? nowS) : undefined;
  if (state.apartSinceS === undefined || nowS - state.apartSinceS < APART_S) return;
  state.isJoined = !mayChange;
  state.isWaiting = !mayChange;
}

const overlapOf = (now: Closeness, soon: Closeness): number => Math.max(now.overlap, soon.overlap);

/** The order from left to right; neighbours keep theirs until they have clearly passed each other. */
function inOrder(
  shown: readonly TrackId[],
  before: readonly TrackId[],
  people: ReadonlyMap<TrackId, PersonMotion>,
): readonly TrackId[] {
  const head = (id: TrackId): { readonly x: number; readonly height: number } => people.get(id)!.head;
  const order = [
    ...before.filter((id) => shown.includes(id)),
    ...shown.filter((id) => !before.includes(id)).sort((a, b) => head(a).x - head(b).x),
  ];
  for (let round = 0; round < order.length; round += 1) {
    for (let index = 1; index < order.length; index += 1) {
      const [left, right] = [order[index - 1]!, order[index]!];
      const isNew = !before.includes(left) || !before.includes(right);
      const passed = isNew ? 0 : PASSED_HEADS * Math.max(head(left).height, head(right).height);
      if (head(left).x - head(right).x > passed) [order[index - 1], order[index]] = [right, left];
    }
  }
  return order;
}
