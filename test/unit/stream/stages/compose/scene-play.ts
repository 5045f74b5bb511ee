import { center, type Box, type Point } from '#src/shared/domain/box.js';
import type { CompositionPlan, Region } from '#src/stream/domain/composition-plan.js';
import type { SlotAssignment, Track } from '#src/shared/domain/track.js';
import type { Shot } from '#src/stream/domain/shot.js';
import { SlotAssigner } from '#src/stream/stages/assign/slot-assigner.js';
import type { SlotAssignerOptions } from '#src/stream/stages/assign/slot-options.js';
import { ShotGrammar } from '#src/stream/stages/shot/shot-grammar.js';
import { LayoutPlanner } from '#src/stream/stages/compose/layout-planner.js';
import { ByteTracker } from '#src/stream/stages/track/byte-tracker.js';
import { positionAt, type PersonTruth, type Scene } from '#src/test-camera/scene.js';
import { seededRandom } from '#src/shared/random.js';
import { normalRandom } from '../../../../normal-random.js';
import { placeIn, source } from './two-people.js';

export const output = { width: 1920, height: 1080 };
/** A face less visible than this is not found by the detector, and not asked for. */
const VISIBLE = 0.55;

export interface Moment {
  readonly tS: number;
  readonly truth: readonly PersonTruth[];
  readonly tracks: readonly Track[];
  readonly slots: SlotAssignment;
  readonly shot: Shot;
  readonly plan: CompositionPlan;
}

/** Two rounds of a scene: noisy detections at 15 Hz, tracker, assigner and planner at 30 fps. */
export function play(scene: Scene, seed: number, options: SlotAssignerOptions = {}): readonly Moment[] {
  const random = seededRandom(seed);
  const tracker = new ByteTracker();
  const assigner = new SlotAssigner(options);
  const grammar = new ShotGrammar({ output });
  const planner = new LayoutPlanner({ output });
  return Array.from({ length: 2 * scene.durationS * 30 }, (_, index) => {
    const tS = index / 30;
    const ptsMs = tS * 1000;
    const truth = scene.people.map((_person, person) => positionAt(scene, person, tS, source));
    if (index % 2 === 0) {
      const detections = truth.filter(isVisible).map(({ face, visibleRatio }) => {
        const noise = (): number => normalRandom(random) * 0.015 * face.height;
        const box = {
          x: face.x + noise(),
          y: face.y + noise(),
          width: face.width + noise(),
          height: face.height + noise(),
        };
        return { box, score: 0.5 + 0.45 * visibleRatio, kind: 'face' as const };
      });
      tracker.update({ ptsMs, detections });
    }
    const tracks = tracker.predict(ptsMs);
    const slots = assigner.update({ ptsMs, width: source.width, tracks });
    const shot = grammar.update({ ptsMs, ...source, tracks, slots });
    const plan = planner.plan({ ptsMs, source, tracks, slots, shot, condition: 'live', slate: output });
    return { tS, truth, tracks, slots, shot, plan };
  });
}

export const isVisible = ({ visibleRatio }: PersonTruth): boolean => visibleRatio > VISIBLE;

/** Whether the middles of all faces are farther from each other than a face is wide. */
export const areApart = (truth: readonly PersonTruth[]): boolean => {
  const faces = fromLeft(truth);
  return faces.slice(1).every((face, index) => center(face).x - center(faces[index]!).x > face.width);
};

export const fromLeft = (truth: readonly PersonTruth[]): readonly Box[] =>
  truth.map(({ face }) => face).sort((a, b) => center(a).x - center(b).x);

/** Whether the region shows the point, inside the output. */
export function shows(region: Region | undefined, point: Point): boolean {
  if (!region) return false;
  const { x, y } = placeIn(region, point);
  const outX = region.dest.x + x * region.dest.width;
  return x > 0 && x < 1 && y > 0 && y < 1 && outX > 0 && outX < output.width;
}

/** What is seen on the left or the right: the topmost region that is more there than not. */
export const tileOf = ({ regions }: CompositionPlan, side: 'left' | 'right'): Region | undefined =>
  regions.findLast(({ dest, alpha }) => alpha >= 0.5 && (side === 'left' ? dest.x < 480 : dest.x + dest.width > 1440));

/** Whether each slot's track lies on the face that belongs there. */
export const areSlotsRight = ({ truth, tracks, slots }: Moment): boolean =>
  fromLeft(truth).every((face, slot) => {
    const track = tracks.find(({ id }) => id === slots[slot]);
    return track !== undefined && Math.abs(center(track.box).x - center(face).x) < face.width / 2;
  });

/** Where the picture shows a point of the source, from the left, in the topmost region that has it. */
const placeOf = ({ regions }: CompositionPlan, point: Point): number | undefined => {
  const region = regions.findLast((shown) => shown.alpha >= 0.5 && shows(shown, point));
  return region && region.dest.x + placeIn(region, point).x * region.dest.width;
};

/** Whether the picture shows the left face on the left and the right one on the right. */
export const isPictureRight = ({ truth, plan }: Moment): boolean => {
  const [left, right] = fromLeft(truth).map(center) as [Point, Point];
  if (plan.layout === 'dual') return shows(tileOf(plan, 'left'), left) && shows(tileOf(plan, 'right'), right);
  return placeOf(plan, left)! < placeOf(plan, right)!;
};

export const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length;
