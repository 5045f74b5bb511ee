import { z } from 'zod';
import { addressText, plainText, urlText } from './url-characters.js';

/** Where pictures come from. */
export const sourceSchema = z.strictObject({
  url: urlText().min(1).describe('rtsp://…, rtsps://…, file:///path or a plain path, or test: (a moving test picture)'),
  user: plainText().optional().describe('RTSP user name; here no character needs escaping'),
  password: plainText().optional().describe('RTSP password; here no character needs escaping'),
  transport: z
    .enum(['tcp', 'udp'])
    .default('tcp')
    .describe('how RTP travels; tcp survives lossy networks, udp has less delay'),
  latencyMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe('jitter buffer, ms: packets later than this are dropped, so delay never creeps up'),
  loop: z.boolean().default(true).describe('a file starts again when it ends'),
  timeoutS: z
    .number()
    .positive()
    .default(5)
    .describe('no frame for this long: the source is torn down and built again'),
});

export const outputSchema = z.strictObject({
  width: z.int().min(320).max(3840).multipleOf(4).default(1920).describe('pixels'),
  height: z.int().min(180).max(2160).multipleOf(4).default(1080).describe('pixels'),
  fps: z.int().min(5).max(60).default(30).describe('constant frame rate of the output'),
  bitrateKbps: z.int().min(200).max(50_000).default(4500).describe('video bitrate, held within 10 % over 10 s'),
  gopS: z.number().min(0.5).max(10).default(2).describe('seconds between keyframes; platforms ask for 2'),
  encoder: z.enum(['auto', 'x264', 'nvh264']).default('auto').describe('auto takes NVENC where it works'),
  preset: z
    .enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast'])
    .default('superfast')
    .describe('x264 only: slower presets look better and cost more CPU'),
  audioBitrateKbps: z.int().min(32).max(320).default(128).describe('AAC for targets; Opus gets three quarters'),
});

export const detectSchema = z.strictObject({
  model: z.string().default('auto').describe('a name from models/manifest.json; auto takes the best one available'),
  maxFps: z
    .number()
    .positive()
    .max(60)
    .default(15)
    .describe(
      'detections a second, at most; higher follows fast movement better and costs more, lower predicts tracks for longer in between',
    ),
  scoreThreshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe(
      'detections with a lower score are dropped; higher drops more false detections, lower leaves ByteTrack more weak ones for its second stage',
    ),
  nmsIou: z
    .number()
    .min(0)
    .max(1)
    .default(0.45)
    .describe(
      'of detections with a higher IoU only the strongest is kept (NMS); higher keeps people who are close apart, lower removes more duplicates',
    ),
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
      'long side of the input of a network that takes any size (YuNet), pixels; higher finds smaller faces and costs more, lower is faster',
    ),
});

export const trackSchema = z.strictObject({
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
    .positive()
    .default(1)
    .describe(
      'a track without a detection is predicted for this long, s, then removed; higher bridges longer occlusions, lower starts a new track sooner',
    ),
});

export const reidSchema = z.strictObject({
  mode: z
    .enum(['conditional', 'always', 'off'])
    .default('conditional')
    .describe(
      'conditional compares faces only when people may have been swapped; always compares each one and costs most; off keeps the ids of ByteTrack',
    ),
  model: z
    .string()
    .default('dlib-face-descriptor')
    .describe('a name from models/manifest.json, or the path of an .onnx file that it knows'),
  riskThreshold: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.3)
    .describe(
      'uncertainty of an identity at which faces are compared; lower finds more swaps and computes more embeddings, higher computes fewer',
    ),
});

export const slotsSchema = z.strictObject({
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
    .describe('position: the person on the left has the left tile; identity: people keep their tile wherever they go'),
  smoothingS: z
    .number()
    .positive()
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
    .array(z.string().max(40))
    .max(4)
    .default([])
    .describe('names shown at the foot of the tiles, left to right; an empty one shows nothing'),
});

export const framingSchema = z.strictObject({
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
    .positive()
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
    .default(0)
    .describe('width of the line between tiles, output pixels; higher is thicker, 0 is none'),
  borderColour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'use #rrggbb')
    .default('#ffffff')
    .describe('colour of the line between tiles'),
});

const idSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/i, 'use letters, digits and dashes, at most 63');

export const targetSchema = z.strictObject({
  id: idSchema.optional().describe('name of the target; made from its place in the list when absent'),
  url: urlText()
    .regex(/^rtmps?:\/\/[^/\s]+\/\S+/i, 'use rtmp://host/app/key or rtmps://host/app/key')
    .describe('where to publish, stream key included; it is never logged or shown'),
});

export const streamSchema = z.strictObject({
  id: idSchema.default('main').describe('name of the stream: its page is /s/<id>'),
  source: sourceSchema,
  output: outputSchema.prefault({}),
  detect: detectSchema.prefault({}),
  track: trackSchema.prefault({}),
  reid: reidSchema.prefault({}).describe('keeping people apart who meet, hide each other, leave and come back'),
  slots: slotsSchema.prefault({}),
  framing: framingSchema.prefault({}),
  targets: z.array(targetSchema).default([]).describe('RTMP(S) servers that the stream is published to'),
});

export const gatewaySchema = z.strictObject({
  http: z
    .strictObject({
      host: addressText().default('127.0.0.1').describe('address the page and the API listen on; 0.0.0.0 for all'),
      port: z.int().min(0).max(65_535).default(8080).describe('TCP port of the page and the API; 0 takes a free one'),
      allowedOrigins: z
        .array(z.string().regex(/^(\*|https?:\/\/[^/\s]+)$/i, 'use an origin such as https://example.org, or *'))
        .default([])
        .describe('origins of other pages that may open the WebSocket; the own page always may, * lets every page'),
    })
    .prefault({}),
  webrtc: z
    .strictObject({
      listenIp: addressText().default('127.0.0.1').describe('address media listens on; 0.0.0.0 for all'),
      announcedAddress: addressText().optional().describe('address or host name that browsers are told, behind NAT'),
      minPort: z.int().min(1024).max(65_535).default(40_000).describe('lowest UDP and TCP port for media'),
      maxPort: z.int().min(1024).max(65_535).default(40_999).describe('highest one; a viewer takes two, a stream four'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('the least severe lines to write'),
      format: z
        .enum(['auto', 'json', 'pretty'])
        .default('auto')
        .describe('auto is pretty on a terminal and json elsewhere'),
    })
    .prefault({}),
  gpu: z
    .strictObject({
      use: z
        .enum(['auto', 'off', 'require'])
        .default('auto')
        .describe('auto works on an NVIDIA GPU where there is one, else on the CPU; require fails without one'),
      device: z.int().min(0).max(15).default(0).describe('which GPU, as nvidia-smi counts'),
      provider: z
        .enum(['cuda', 'tensorrt'])
        .default('cuda')
        .describe('what runs the networks; tensorrt needs its libraries and minutes at the first start'),
      precision: z
        .enum(['auto', 'fp16', 'fp32'])
        .default('auto')
        .describe(
          'of the networks on the GPU; auto takes FP16 where the model was converted, else TF32; fp32 is exact',
        ),
      maxBatch: z
        .int()
        .min(1)
        .max(8)
        .default(8)
        .describe('frames of several streams that go through a network at once'),
    })
    .prefault({}),
  streamsPerProcess: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('streams that share a process, and so a GPU context and its networks; a crash ends all of them'),
  streams: z.array(streamSchema).default([]).describe('what runs from the start; the API adds more'),
});

export type SourceConfig = z.output<typeof sourceSchema>;
export type OutputConfig = z.output<typeof outputSchema>;
export type DetectConfig = z.output<typeof detectSchema>;
export type ReidConfig = z.output<typeof reidSchema>;
export type TargetConfig = z.output<typeof targetSchema>;
export type StreamConfig = z.output<typeof streamSchema>;
export type GpuConfig = GatewayConfig['gpu'];
export type GatewayConfig = z.output<typeof gatewaySchema>;
