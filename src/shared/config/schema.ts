import * as z from 'zod';
import { accessSchema } from './access-schema.js';
import { limitsSchema } from './limits-schema.js';
import { idSchema, targetSchema } from './target-schema.js';
import { peopleSchema } from './people-schema.js';
import { BASE_PATH } from './base-path.js';
import { clusterSchema } from './cluster-schema.js';
import { recordSchema, recordingsSchema } from './record-schema.js';
import { detectSchema, framingSchema, reidSchema, shotsSchema, slotsSchema, trackSchema } from './stage-schemas.js';
import { sourceSchema } from './source-schema.js';
import { stateSchema } from './state-schema.js';
import { addressText, plainText } from './url-characters.js';
import { webrtcSchema } from './webrtc-schema.js';

/** Streams of a gateway, at most: far more than a machine can run. */
export const MAX_STREAMS = 256;
/** Targets of a stream, at most. */
export const MAX_TARGETS = 64;

/** The picture and sound that are published, the same for viewers and targets. */
export const outputSchema = z.strictObject({
  width: z
    .int()
    .min(320)
    .max(3840)
    .multipleOf(4)
    .default(1920)
    .describe('width of the output, pixels; higher is sharper and costs more CPU and bitrate'),
  height: z
    .int()
    .min(180)
    .max(2160)
    .multipleOf(4)
    .default(1080)
    .describe('height of the output, pixels; higher is sharper and costs more CPU and bitrate'),
  fps: z
    .int()
    .min(5)
    .max(60)
    .default(30)
    .describe('constant frame rate of the output; higher is smoother and costs more CPU'),
  bitrateKbps: z
    .int()
    .min(200)
    .max(50_000)
    .default(4500)
    .describe('video bitrate, held within 10 % over 10 s; higher looks better and needs more upload')
    .meta({ live: true }),
  gopS: z
    .number()
    .min(0.5)
    .max(10)
    .default(2)
    .describe(
      'most seconds between keyframes; viewers who join cause earlier ones, not closer than half of it where the stream has targets; higher looks better at the same bitrate, lower lets viewers start sooner; platforms ask for 2',
    ),
  profile: z
    .enum(['constrained-baseline', 'main', 'high'])
    .default('constrained-baseline')
    .describe(
      'H.264 profile of what viewers and targets share: constrained-baseline is what every browser must take; main and high look better at the same bitrate, and Chromium plays them although they are announced as constrained baseline, but other browsers and devices may show nothing: for streams that are published only',
    ),
  encoder: z.enum(['auto', 'x264', 'nvh264']).default('auto').describe('auto uses NVENC where it works, else x264'),
  preset: z
    .enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast'])
    .default('superfast')
    .describe('x264 only; slower presets look better and cost more CPU'),
  audioBitrateKbps: z
    .int()
    .min(32)
    .max(320)
    .default(128)
    .describe('bitrate of AAC for targets, Opus for viewers has three quarters of it; higher sounds better'),
});

/** One stream: a source, what is made of it, and where it is published. */
export const streamSchema = z.strictObject({
  id: idSchema.default('main').describe('name of the stream: its page is /s/<id>').meta({ live: true }),
  source: sourceSchema,
  output: outputSchema.prefault({}),
  detect: detectSchema.prefault({}),
  track: trackSchema.prefault({}),
  reid: reidSchema.prefault({}).describe('telling people apart who meet, hide each other, leave and come back'),
  people: peopleSchema.prefault({}),
  slots: slotsSchema.prefault({}),
  shots: shotsSchema
    .prefault({})
    .describe('when people are shown in tiles of their own, in one frame, alone, or in the whole scene'),
  framing: framingSchema.prefault({}),
  record: recordSchema.prefault({}).describe('recording the stream to files').meta({ live: true }),
  targets: z
    .array(targetSchema)
    .max(MAX_TARGETS)
    .default([])
    .describe('RTMP(S) servers and SRT receivers that the stream is published to')
    .meta({ live: true }),
});

/** The whole configuration; every option but `streams[].source.url` has a default. */
export const gatewaySchema = z.strictObject({
  http: z
    .strictObject({
      host: addressText()
        .min(1)
        .max(255)
        .default('127.0.0.1')
        .describe('address that the page and the API listen on; 0.0.0.0 listens on all addresses of this machine'),
      port: z.int().min(0).max(65_535).default(8080).describe('TCP port of the page and the API; 0 takes a free one'),
      basePath: z
        .string()
        .max(200)
        .regex(BASE_PATH, 'use a path such as /two-shot, whose first part is none of the gateway’s own (api, s, ws …)')
        .default('/')
        .describe(
          'path that people open the gateway under, where a proxy serves it in a sub-folder; the proxy may keep it in what it passes on or take it off',
        ),
      allowedOrigins: z
        .array(
          z
            .string()
            .max(255)
            .regex(/^(\*|https?:\/\/[^/\s]+)$/i, 'use an origin such as https://example.org, or *'),
        )
        .max(64)
        .default([])
        .describe(
          'origins of other pages that may open the WebSocket, use WHIP, WHEP and the API; the viewer page always may, * allows every page',
        ),
      allowedHosts: z
        .array(
          z
            .string()
            .max(253)
            .regex(/^(\*|[\w-]+(\.[\w-]+)*)$/, 'use a host name such as diptych.example.org, without port, or *'),
        )
        .max(64)
        .default([])
        .describe(
          'host names that the gateway is opened by, besides its addresses, localhost and the name of this machine; others are refused, so that pages of other sites cannot reach it by a name of their own; * allows every name, for a proxy that checks it',
        ),
      tls: z
        .strictObject({
          certFile: plainText()
            .min(1)
            .max(4096)
            .describe(
              'file with the certificate, and with those between it and one that browsers know, PEM; taken anew when it changes',
            ),
          keyFile: plainText().min(1).max(4096).describe('file with its key, PEM, without passphrase'),
        })
        .optional()
        .describe('serves HTTPS in place of HTTP'),
      trustProxy: z
        .array(
          z
            .string()
            .max(64)
            .regex(
              /^(?:loopback|linklocal|uniquelocal|[0-9a-f.:]*[.:][0-9a-f.:]*(?:\/\d{1,3})?)$/i,
              'use an address or a network such as 127.0.0.1 or 10.0.0.0/8, or loopback, linklocal, uniquelocal',
            ),
        )
        .max(64)
        .default([])
        .describe(
          'addresses and networks of proxies before the gateway: their headers X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are believed, and a token is needed',
        ),
      frameAncestors: z
        .array(
          z
            .string()
            .max(255)
            .regex(/^(\*|https?:\/\/[\w.:*[\]-]+)$/i, 'use an origin such as https://example.org, or *'),
        )
        .max(64)
        .default([])
        .describe(
          'origins of pages that may hold the clean view (/s/ID?view=clean) in a frame; * allows every page, none is the default; OBS needs no entry',
        ),
    })
    .prefault({}),
  webrtc: webrtcSchema.prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['trace', 'debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('the least severe lines that are written; debug and trace write more, warn and error less'),
      format: z
        .enum(['auto', 'json', 'pretty'])
        .default('auto')
        .describe('auto writes for people on a terminal and one JSON object a line elsewhere'),
    })
    .prefault({}),
  access: accessSchema.prefault({}),
  gpu: z
    .strictObject({
      use: z
        .enum(['auto', 'off', 'require'])
        .default('auto')
        .describe('auto uses an NVIDIA GPU where there is one, else the CPU; require fails without one'),
      device: z
        .int()
        .min(0)
        .max(15)
        .default(0)
        .describe('index of the GPU, as nvidia-smi counts, for work on files; for streams see gpu.devices'),
      devices: z
        .array(z.int().min(0).max(15))
        .min(1)
        .optional()
        .describe(
          'indices of the GPUs that the processes of streams are spread over, evenly; absent: all of this host, or gpu.device alone where that is not 0',
        ),
      provider: z
        .enum(['cuda', 'tensorrt'])
        .default('cuda')
        .describe('what runs the networks; tensorrt needs its own libraries, and minutes at the first start'),
      precision: z
        .enum(['auto', 'fp16', 'fp32'])
        .default('auto')
        .describe(
          'precision of the networks on the GPU; auto uses FP16 where the model was converted, else TF32; fp32 is exact and slowest',
        ),
      maxBatch: z
        .int()
        .min(1)
        .max(32)
        .default(8)
        .describe(
          'frames of several streams that a network takes at once; higher uses the GPU better with many streams, lower needs less GPU memory',
        ),
    })
    .prefault({}),
  streamsPerProcess: z
    .int()
    .min(1)
    .max(256)
    .default(1)
    .describe(
      'streams that share a process, its GPU context and its networks; higher needs less memory, lower ends fewer streams when a process crashes',
    ),
  spareProcess: z
    .boolean()
    .default(true)
    .describe(
      'whether a process with everything opened waits for the next stream: a crash then interrupts the picture for about a second instead of three, and memory for one more process is needed',
    ),
  limits: limitsSchema.prefault({}),
  recordings: recordingsSchema.prefault({}),
  state: stateSchema.prefault({}),
  cluster: clusterSchema
    .optional()
    .describe('several hosts that share streams, on etcd; absent: this gateway runs the streams of its own file'),
  streams: z
    .array(streamSchema)
    .max(MAX_STREAMS)
    .default([])
    .describe('streams that run from the start; the API adds more'),
});

export type { SourceConfig } from './source-schema.js';
/** {@link outputSchema} with its defaults filled in. */
export type OutputConfig = z.output<typeof outputSchema>;
/** {@link recordSchema} with its defaults filled in. */
export type RecordConfig = z.output<typeof recordSchema>;
/** {@link detectSchema} with its defaults filled in. */
export type DetectConfig = z.output<typeof detectSchema>;
/** {@link reidSchema} with its defaults filled in. */
export type ReidConfig = z.output<typeof reidSchema>;
/** {@link targetSchema}; its `id` may still be absent. */
export type TargetConfig = z.output<typeof targetSchema>;
/** {@link streamSchema} with its defaults filled in. */
export type StreamConfig = z.output<typeof streamSchema>;
/** The block `gpu` with its defaults filled in. */
export type GpuConfig = GatewayConfig['gpu'];
/** {@link gatewaySchema} with its defaults filled in. */
export type GatewayConfig = z.output<typeof gatewaySchema>;
