import * as z from 'zod';
import { allLive } from './live-meta.js';
import { SHOT_PRESETS } from '../domain/shot.js';
import { plainText } from './url-characters.js';

/** Finding people in the frames. */
export const detectSchema = z.strictObject({
  model: plainText()
    .min(1)
    .max(1024)
    .default('auto')
    .describe('a name from models/manifest.json; auto takes the best one available'),
  pose: plainText()
    .min(1)
    .max(1024)
    .default('off')
    .describe(
      'a network that reads the keypoints of one person at a time (RTMPose; see docs/people.md), for head and gaze of everybody whom a detector of whole people finds: the name that diptych models add gave it; off: none',
    ),
  maxFps: z
    .number()
    .min(0.1)
    .max(60)
    .default(15)
    .describe(
      'detections a second, at most; higher follows fast movement better and costs more, lower predicts tracks for longer in between',
    )
    .meta({ live: true }),
  calmFps: z
    .number()
    .min(0.1)
    .max(60)
    .default(4)
    .describe(
      'detections a second while nobody moves, at most maxFps; of detectors of faces on the CPU a change of the picture is detected on at once, of such on a GPU it is always maxFps; higher notices sooner that somebody moves or comes, lower costs less',
    )
    .meta({ live: true }),
  scoreThreshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'detections with a lower score are dropped; higher drops more false detections, lower leaves ByteTrack more weak ones for its second stage',
    )
    .meta({ live: true }),
  nmsIou: z
    .number()
    .min(0)
    .max(1)
    .default(0.45)
    .describe(
      'of detections with a higher IoU only the strongest is kept (NMS); higher keeps people who are close apart, lower removes more duplicates',
    )
    .meta({ live: true }),
  threads: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .describe(
      'threads of one inference on the CPU; more makes detection faster and leaves less CPU to decoding and encoding',
    ),
  inputWidth: z
    .int()
    .min(160)
    .max(1920)
    .default(640)
    .describe(
      'long side of the input of a network that takes any size (YuNet), pixels; of movenet 640 means 256 for people who are near and 512 for others; higher finds smaller faces and costs more, lower is faster',
    ),
});

/** Following them from detection to detection (ByteTrack). */
export const trackSchema = z.strictObject(
  allLive({
    highScore: z
      .number()
      .min(0)
      .max(1)
      .default(0.6)
      .describe(
        'detections above this score are matched first; higher lets only sure ones take part in the first stage, lower lets weak ones compete with them',
      ),
    newScore: z
      .number()
      .min(0)
      .max(1)
      .default(0.7)
      .describe(
        'a detection of at least this score that matches no track starts one; higher starts fewer false tracks, lower finds people sooner',
      ),
    matchCost: z
      .number()
      .min(0)
      .max(1)
      .default(0.9)
      .describe(
        'largest cost of a first-stage match, 1 − IoU × score; higher follows faster movement and swaps ids more easily, lower loses tracks sooner',
      ),
    lostS: z
      .number()
      .min(0.01)
      .max(60)
      .default(1)
      .describe(
        'a track without a detection is predicted for this long, s, then removed; higher bridges longer occlusions, lower starts a new track sooner',
      ),
  }),
);

/** Keeping identities apart by comparing faces. */
export const reidSchema = z.strictObject({
  mode: z
    .enum(['conditional', 'always', 'off'])
    .default('conditional')
    .describe(
      'conditional compares faces only when people may have been swapped; always compares each one and costs most; off keeps the ids of ByteTrack; to and from off the stream is started anew',
    )
    .meta({ live: true }),
  model: plainText()
    .min(1)
    .max(1024)
    .default('dlib-face-descriptor')
    .describe('a name from models/manifest.json, or the path of an .onnx file that it knows'),
  riskThreshold: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.3)
    .describe(
      'uncertainty of an identity at which faces are compared; lower finds more swaps and computes more embeddings, higher computes fewer',
    )
    .meta({ live: true }),
});

/** Who is shown in which tile. */
export const slotsSchema = z.strictObject(
  allLive({
    maxTiles: z
      .int()
      .min(1)
      .max(4)
      .default(2)
      .describe(
        'people shown at once, at most: 2 is the two-shot, 3 are shown in columns, 4 in a grid; higher shows more people in smaller tiles',
      ),
    mode: z
      .enum(['position', 'identity'])
      .default('position')
      .describe(
        'position: the person on the left has the left tile; identity: people keep their tile wherever they go',
      ),
    smoothingS: z
      .number()
      .min(0.001)
      .max(60)
      .default(0.4)
      .describe(
        'time constant of the smoothed position, s; lower swaps the tiles sooner, higher ignores longer crossings',
      ),
    marginRatio: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.05)
      .describe(
        'people nearer to each other than this, fraction of the frame width, keep their tiles; higher swaps tiles less often, lower sooner',
      ),
    labels: z
      .array(plainText().max(40))
      .max(4)
      .default([])
      .describe(
        'names of the tiles, left to right, shown at their feet while whoever is there has no name of their own (people.names); an empty one shows nothing',
      ),
  }),
);

/** How the picture changes between shots. */
export const shotsSchema = z.strictObject(
  allLive({
    preset: z
      .enum(SHOT_PRESETS)
      .default('normal')
      .describe(
        'how calmly shots change and follow people: calm doubles shots.minS, takes framing.smoothingS and framing.transitionS times 1.5, and rests more; lively halves minS, takes the others times 0.7, and rests less; docs/shots.md has the numbers',
      ),
    minS: z
      .number()
      .min(0)
      .max(60)
      .default(2)
      .describe(
        'a shot lasts at least this long, s, unless a tile would show nobody, or two tiles the same person; higher is calmer, lower follows sooner what happens',
      ),
    transition: z
      .enum(['ease', 'cut'])
      .default('ease')
      .describe('ease moves from one shot to the next within framing.transitionS; cut changes at once'),
  }),
);

/** What each tile shows, and how the layout changes. */
export const framingSchema = z.strictObject(
  allLive({
    holdS: z
      .number()
      .min(0)
      .max(30)
      .default(1.5)
      .describe(
        'a person (or the source) is gone for this long, s, before the layout changes; higher holds the tile longer, lower changes sooner',
      ),
    headroomRatio: z
      .number()
      .min(0)
      .max(0.4)
      .default(0.12)
      .describe(
        'space above the hair, fraction of the tile height; higher puts the head lower in the tile, lower puts it nearer to the upper edge',
      ),
    headRatio: z
      .number()
      .min(0.1)
      .max(0.8)
      .default(0.38)
      .describe('height of the head, fraction of the tile height; higher is a closer shot, lower a wider one'),
    smoothingS: z
      .number()
      .min(0.001)
      .max(60)
      .default(0.6)
      .describe(
        'how slowly a shot follows a person, s; lower follows sooner and moves more, higher is calmer and may lose people who walk',
      ),
    maxZoom: z
      .number()
      .min(1)
      .max(8)
      .default(3)
      .describe(
        'output pixels per source pixel, at most; higher shows distant people larger and less sharp, lower makes their shots wider',
      ),
    transitionS: z
      .number()
      .min(0)
      .max(5)
      .default(0.6)
      .describe('length of a change of layout, s; higher is slower, 0 cuts'),
    borderPx: z
      .int()
      .min(0)
      .max(40)
      .multipleOf(2)
      .default(2)
      .describe('width of the line between tiles, output pixels; higher is thicker, 0 is none'),
    borderColour: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'use #rrggbb')
      .default('#ffffff')
      .describe('colour of the line between tiles'),
    cornerPx: z
      .int()
      .min(0)
      .max(200)
      .default(0)
      .describe('radius of the corners of tiles, output pixels; higher is rounder, 0 is square'),
    marginPx: z
      .int()
      .min(0)
      .max(200)
      .multipleOf(2)
      .default(0)
      .describe(
        'space around and between tiles, where the background is seen, output pixels, at most an eighth of the picture; higher is wider, 0 is none',
      ),
    backgroundColour: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'use #rrggbb')
      .default('#000000')
      .describe('colour of what no tile covers: the margin, round corners, beside a scene of another aspect'),
  }),
);
