import type { PathPoint, Scene } from '#src/test-camera/scene.js';
import { DEMO_SCENE } from '#src/test-camera/scenes.js';

type Path = readonly [PathPoint, ...PathPoint[]];
const path = (...points: readonly (readonly [tS: number, x: number])[]): Path =>
  points.map(([tS, x]) => ({ tS, x })) as unknown as Path;

const scene = (name: string, durationS: number, one: Path, two: Path, front = 0): Scene => ({
  name,
  durationS,
  people: [
    { clip: 'webcam', y: 0.385, path: one, sway: { xRatio: 0.011, yRatio: 0.004, periodS: 4, phase: 0 } },
    { clip: 'bluescreen', y: 0.41, path: two, sway: { xRatio: 0.009, yRatio: 0.005, periodS: 5, phase: 1.3 } },
  ],
  front: [{ fromS: 0, person: front }],
  hasTimecode: false,
});

/** Two people who meet, cross, hide each other, leave and come back. */
export const SCENES: readonly (Scene & {
  /** Changes of sides, of people who are both seen, in the two rounds that are played. */
  readonly flips: number;
})[] = [
  { ...DEMO_SCENE, flips: 4 },
  {
    ...scene(
      'crossing',
      20,
      path([0, 0.25], [3, 0.25], [6, 0.75], [12, 0.75], [15, 0.25], [20, 0.25]),
      path([0, 0.75], [3, 0.75], [6, 0.25], [12, 0.25], [15, 0.75], [20, 0.75]),
    ),
    flips: 4,
  },
  {
    ...scene(
      'fast crossing',
      20,
      path([0, 0.3], [5, 0.3], [6.2, 0.75], [14, 0.75], [15.2, 0.3], [20, 0.3]),
      path([0, 0.7], [5, 0.7], [6.4, 0.25], [14, 0.25], [15.4, 0.7], [20, 0.7]),
      1,
    ),
    flips: 4,
  },
  {
    ...scene(
      'slow crossing',
      40,
      path([0, 0.25], [4, 0.25], [16, 0.75], [22, 0.75], [34, 0.25], [40, 0.25]),
      path([0, 0.5], [40, 0.5]),
    ),
    // They hide each other for longer than a tile is held, and come back as they stand.
    flips: 0,
  },
  {
    ...scene(
      'meet and return',
      20,
      path([0, 0.25], [4, 0.25], [7, 0.47], [10, 0.47], [13, 0.25], [20, 0.25]),
      path([0, 0.75], [4, 0.75], [7, 0.53], [10, 0.53], [13, 0.75], [20, 0.75]),
    ),
    flips: 0,
  },
  {
    ...scene(
      'half behind and back',
      20,
      path([0, 0.3], [4, 0.3], [6, 0.52], [8, 0.52], [10, 0.3], [20, 0.3]),
      path([0, 0.7], [4, 0.7], [6, 0.5], [8, 0.5], [10, 0.7], [20, 0.7]),
    ),
    flips: 0,
  },
  {
    ...scene(
      'full occlusion of a second',
      20,
      path([0, 0.25], [4, 0.25], [6.5, 0.5], [7.5, 0.5], [10, 0.25], [20, 0.25]),
      path([0, 0.75], [4, 0.75], [6.5, 0.5], [7.5, 0.5], [10, 0.75], [20, 0.75]),
    ),
    flips: 0,
  },
  {
    ...scene(
      're-entry on the same side',
      30,
      path([0, 0.3], [30, 0.3]),
      path([0, 0.72], [5, 0.72], [8, 1.2], [12, 1.2], [15, 0.72], [30, 0.72]),
    ),
    flips: 0,
  },
  {
    ...scene(
      're-entry on the other side',
      60,
      path([0, 0.4], [60, 0.4]),
      // Out of sight they go round in no time.
      path(
        [0, 0.72],
        [5, 0.72],
        [8, 1.2],
        [11, 1.2],
        [11.01, -0.2],
        [15, 0.12],
        [40, 0.12],
        [43, -0.2],
        [45, -0.2],
        [45.01, 1.2],
        [49, 0.72],
        [60, 0.72],
      ),
    ),
    flips: 0,
  },
];
