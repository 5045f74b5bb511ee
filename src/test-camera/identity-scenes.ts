import type { PathPoint, Scene, ScenePerson } from './scene.js';

/** Shorter than a frame at any rate: somebody, or the camera, is elsewhere in the next frame. */
const INSTANT_S = 0.01;
/** Where nobody sees them, left and right of the picture. */
const LEFT = -0.3;
const RIGHT = 1.3;

type Path = ScenePerson['path'];
/** From a time to a time, and where that leads. */
type Walk = readonly [fromS: number, toS: number, x: number];

/** Stands at `x` and walks where the list says. */
function walk(x: number, ...walks: readonly Walk[]): Path {
  const points: [PathPoint, ...PathPoint[]] = [{ tS: 0, x }];
  let last = points[0];
  for (const [fromS, toS, to] of walks) {
    if (fromS > last.tS) points.push({ tS: fromS, x: last.x });
    last = { tS: toS, x: to };
    points.push(last);
  }
  return points;
}

/** Is elsewhere at once. */
const jump = (atS: number, x: number): Walk => [atS, atS + INSTANT_S, x];

/** Person 0, in front unless said otherwise. */
const first = (path: Path, periodS?: number): ScenePerson => ({
  clip: 'webcam',
  y: 0.385,
  path,
  ...(periodS !== undefined && { sway: { xRatio: 0.011, yRatio: 0.004, periodS, phase: 0 } }),
});

/** Person 1. */
const second = (path: Path, periodS?: number): ScenePerson => ({
  clip: 'bluescreen',
  y: 0.41,
  path,
  ...(periodS !== undefined && { sway: { xRatio: 0.009, yRatio: 0.005, periodS, phase: 1.3 } }),
});

/** They pass each other, slowly and then fast, and take turns in being in front. */
const CROSSING: Scene = {
  name: 'face-crossing',
  durationS: 16,
  people: [
    first(walk(0.28, [3, 6.5, 0.72], [9.5, 11.5, 0.28]), 4),
    second(walk(0.72, [3, 6.5, 0.28], [9.5, 11.5, 0.72]), 4),
  ],
  front: [{ fromS: 8, person: 1 }],
  hasTimecode: false,
};

/** They come so near that one face is more than half covered, stay, and go back. */
const MEET_AND_RETURN: Scene = {
  name: 'face-meet',
  durationS: 14,
  people: [
    first(walk(0.28, [3, 5.5, 0.48], [7, 9.5, 0.28]), 3.5),
    second(walk(0.72, [3, 5.5, 0.52], [7, 9.5, 0.72]), 3.5),
  ],
  front: [],
  hasTimecode: false,
};

/** One walks past behind the other, and past in front on the way back: hidden for 0.3 s each time. */
const HIDDEN_BRIEFLY: Scene = {
  name: 'face-hidden-0.3s',
  durationS: 18,
  people: [first(walk(0.5)), second(walk(0.24, [2.5, 8.1, 0.76], [10, 15.6, 0.24]))],
  front: [{ fromS: 9, person: 1 }],
  hasTimecode: false,
};

/** Both come to the same spot, one is hidden for 1 s, and both go back where they came from. */
const HIDDEN: Scene = {
  name: 'face-hidden-1s',
  durationS: 14,
  people: [first(walk(0.28, [3, 6, 0.495], [6.5, 9.5, 0.28])), second(walk(0.72, [3, 6, 0.505], [6.5, 9.5, 0.72]))],
  front: [],
  hasTimecode: false,
};

/** One stays hidden for 3 s, walks along behind the other meanwhile, comes out on the other side, and goes back. */
const HIDDEN_LONG: Scene = {
  name: 'face-hidden-3s',
  durationS: 20,
  people: [
    first(walk(0.42, [5.5, 7.75, 0.5], [17.5, 19, 0.42])),
    second(walk(0.72, [3, 5.5, 0.42], [5.5, 7.75, 0.5], [7.75, 10.25, 0.22], [13.5, 17, 0.72])),
  ],
  front: [],
  hasTimecode: false,
};

/** One leaves, the other takes the place; he comes back from the other side; then the other way round. */
const LEAVE_AND_REENTER: Scene = {
  name: 'face-reenter',
  durationS: 22,
  people: [
    first(walk(0.3, [5, 7, 0.66], [12.5, 14.5, RIGHT], jump(15, LEFT), [16.5, 18.5, 0.3]), 5.5),
    second(walk(0.7, [3, 5, RIGHT], jump(6, LEFT), [8, 10, 0.3], [14, 16, 0.7]), 5.5),
  ],
  front: [],
  hasTimecode: false,
};

/** The camera jumps by just the distance between them, and back; then it pans the other way, fast, and back. */
const CAMERA_JUMP: Scene = {
  name: 'face-camera-jump',
  durationS: 16,
  people: [first(walk(0.35), 4), second(walk(0.6), 4)],
  front: [],
  hasTimecode: false,
  camera: walk(0, jump(3.99, 0.25), jump(6.99, 0), [10, 10.5, -0.25], [12.5, 13.5, 0]),
};

/** One is gone from one frame to the next; 0.2 s later a stranger stands on the spot; then the first comes back. */
const STRANGER: Scene = {
  name: 'face-stranger',
  durationS: 20,
  people: [
    first(walk(0.4, jump(4.99, LEFT), [10, 12.5, 0.32], [16, 18, 0.4]), 5),
    second(walk(RIGHT, jump(5.19, 0.4), [9, 11, 0.68], [16, 18, RIGHT]), 5),
  ],
  front: [],
  hasTimecode: false,
};

/** What people do that may mix them up, with real faces: the proof that they are kept apart. */
export const IDENTITY_SCENES = {
  crossing: CROSSING,
  meet: MEET_AND_RETURN,
  hiddenBriefly: HIDDEN_BRIEFLY,
  hidden: HIDDEN,
  hiddenLong: HIDDEN_LONG,
  reenter: LEAVE_AND_REENTER,
  cameraJump: CAMERA_JUMP,
  stranger: STRANGER,
} as const satisfies Readonly<Record<string, Scene>>;
