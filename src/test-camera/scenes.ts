import type { PathPoint, Scene } from './scene.js';

const SCENE_S = 60;
const STILL_S = 20;

const stay = (x: number, durationS: number): [PathPoint, ...PathPoint[]] => [
  { tS: 0, x },
  { tS: durationS, x },
];

/**
 * The demo: two people stand and sway, come nearer, cross, cross back, one leaves while the other
 * takes the middle, comes back, and both return to where they began.
 */
export const DEMO_SCENE: Scene = {
  name: 'demo',
  durationS: SCENE_S,
  people: [
    {
      clip: 'webcam',
      y: 0.385,
      sway: { xRatio: 0.011, yRatio: 0.004, periodS: 4, phase: 0 },
      path: [
        { tS: 0, x: 0.28 },
        { tS: 7, x: 0.28 },
        { tS: 10, x: 0.35 },
        { tS: 13, x: 0.35 },
        { tS: 17, x: 0.71 },
        { tS: 25, x: 0.71 },
        { tS: 29, x: 0.3 },
        { tS: 39, x: 0.3 },
        { tS: 42, x: 0.48 },
        { tS: 45, x: 0.48 },
        { tS: 48, x: 0.3 },
        { tS: 55, x: 0.3 },
        { tS: 58, x: 0.28 },
        { tS: SCENE_S, x: 0.28 },
      ],
    },
    {
      clip: 'bluescreen',
      y: 0.41,
      sway: { xRatio: 0.009, yRatio: 0.005, periodS: 5, phase: 1.3 },
      path: [
        { tS: 0, x: 0.72 },
        { tS: 7, x: 0.72 },
        { tS: 10, x: 0.65 },
        { tS: 13, x: 0.65 },
        { tS: 17, x: 0.29 },
        { tS: 25, x: 0.29 },
        { tS: 29, x: 0.7 },
        { tS: 33, x: 0.7 },
        { tS: 37, x: 1.25 },
        { tS: 45, x: 1.25 },
        { tS: 49, x: 0.74 },
        { tS: 55, x: 0.74 },
        { tS: 58, x: 0.72 },
        { tS: SCENE_S, x: 0.72 },
      ],
    },
  ],
  front: [{ fromS: 21, person: 1 }],
  hasTimecode: false,
};

/** Two people who stand still, without a time code: for measuring how calm the tiles are. */
export const STILL_SCENE: Scene = {
  name: 'still',
  durationS: STILL_S,
  people: [
    { clip: 'webcam', y: 0.385, path: stay(0.25, STILL_S) },
    { clip: 'bluescreen', y: 0.41, path: stay(0.75, STILL_S) },
  ],
  front: [],
  hasTimecode: false,
};

/** The same with the frame number on each chest: for measuring the delay from glass to glass. */
export const TIMECODE_SCENE: Scene = { ...STILL_SCENE, name: 'timecode', hasTimecode: true };

/** The scenes that `diptych demo` and the benchmarks play. */
export const SCENES = { demo: DEMO_SCENE, still: STILL_SCENE, timecode: TIMECODE_SCENE } as const;
