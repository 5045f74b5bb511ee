import * as z from 'zod';
import { sourceSchema } from '../../shared/config/source-schema.js';
import { streamSchema } from '../../shared/config/schema.js';
import { targetSchema } from '../../shared/config/target-schema.js';
import { ERROR_CODES, type ErrorCode } from '../../shared/domain/errors.js';
import { RECORDING_STATES } from '../../shared/domain/recording.js';
import { STREAM_STATES } from '../../shared/domain/stream-status.js';
import { EVENTS_KEPT } from '../events/event-log.js';
import { gpuStatusSchema } from './gpu-schema.js';
import { edgeViewersSchema, hostAddressSchema } from './host-schema.js';
import { personStatusSchema } from './person-schema.js';
import { trackId } from './slot-schema.js';
import { shotStatusSchema } from './shot-schema.js';

/** Body of `POST /api/v1/streams`, and of a stream after a merge patch. */
export const streamBodySchema = streamSchema;
/** Body of `POST …/targets`. */
export const targetBodySchema = targetSchema;

/** Body of `POST /api/v1/probe`. */
export const probeBodySchema = sourceSchema.extend({
  stream: z
    .string()
    .optional()
    .describe('a stream whose secrets *** stands for, to try its source with some changes; none where it is absent'),
});

const percentiles = z.object({ p50: z.number(), p95: z.number() });

const codeSchema = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).describe('stable, for programs');

/** `StatusError` of the domain. */
export const statusErrorSchema = z.object({
  code: codeSchema,
  message: z
    .string()
    .describe('what is wrong, and what can be done about it; for guests and role view what the code stands for'),
  nextTryAt: z
    .string()
    .optional()
    .describe('ISO 8601, when it is tried again; in the past while that goes on, absent where none is planned'),
});

/** `TargetStatus` of the domain. */
export const targetViewSchema = z.object({
  id: z.string(),
  url: z.string().describe('stream key masked; for guests and role view only the kind, such as rtmp://***'),
  state: z
    .enum(['waiting', 'connecting', 'live', 'stalled', 'retrying', 'closed'])
    .describe('waiting: it is connected as soon as the stream is ready'),
  since: z.string().describe('ISO 8601, when the state began'),
  bytes: z.number(),
  retries: z.number(),
  dropped: z.number().describe('pictures left out because the server or the network took less than it was given'),
  error: statusErrorSchema.optional().describe('why the last connection ended; absent once it is live or closed'),
});

/** `RecordingSegment` of the domain. */
export const recordingSchema = z.object({
  name: z.string().describe('of the file: when it began, UTC'),
  startedAt: z.string().describe('ISO 8601, when the first picture was taken'),
  durationS: z.number().describe('so far, while it is written'),
  bytes: z.number(),
  state: z.enum(['writing', 'whole']).describe('whole: it will not change any more'),
});

/** `RecordedName` of the keeper of recordings. */
export const recordedNameSchema = z.object({
  stream: z.string().describe('its recordings are at /api/v1/streams/STREAM/recordings'),
  isRemoved: z.boolean().describe('whether there is no stream of this name any more'),
  segments: z.number(),
  bytes: z.number().describe('of all segments'),
  oldestAt: z.string().describe('ISO 8601, when the oldest segment began'),
  newestAt: z.string().describe('ISO 8601, when the newest segment began'),
});

/** `RecordingStatus` of the domain. */
const recordingStatusSchema = z.object({
  state: z
    .enum(RECORDING_STATES)
    .describe('waiting: it begins when the stream runs; starting: up to the first keyframe; retrying: see error'),
  since: z.string().describe('ISO 8601, when the state began'),
  file: z.string().optional().describe('segment that is being written'),
  bytes: z.number().describe('written since the stream was added'),
  error: statusErrorSchema.optional().describe('while it is retrying'),
});

/** `SourceStatus` of the domain, less what is to come after it. */
const sourceFields = {
  reconnects: z.number().optional().describe('times it was lost, or did not come, and was opened again'),
  url: z.string().describe('secrets masked; for guests and role view only the kind, such as rtsp://***'),
  codec: z.string().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
  fps: z.number().optional().describe('measured'),
  audio: z.string().optional().describe('codec of the sound, or none'),
  audioReason: z.string().optional().describe('why there is no sound although the source offers some'),
  transport: z.enum(['tcp', 'udp']).optional().describe('how RTP travels from a camera'),
  transportReason: z.string().optional(),
  tracks: z
    .array(
      z.object({
        index: z.number().describe('its place in what the camera offers, from 0'),
        kind: z.enum(['video', 'audio', 'other']),
        format: z.string().describe('such as H264 1280x720'),
        isTaken: z.boolean().describe('whether it is played'),
      }),
    )
    .optional()
    .describe('what a camera offers, in its order'),
  decoder: z.string().optional().describe('GStreamer element that decodes the pictures'),
  decoderReason: z.string().optional(),
};

/** Answer of `POST /api/v1/probe`. */
export const probeResultSchema = z.object({
  ...sourceFields,
  thumbnail: z.string().describe('a picture of the source, at most 640 pixels wide and high: data:image/jpeg;base64,…'),
});

/** `StreamView` of the domain. */
export const streamViewSchema = z.object({
  id: z.string(),
  state: z.enum(STREAM_STATES),
  since: z
    .string()
    .optional()
    .describe('ISO 8601, when the state began; while it is waiting_for_keyframe, overloaded or frozen'),
  error: statusErrorSchema.optional().describe('why it is not live; present in every state but live'),
  source: z.object({
    ...sourceFields,
    next: z
      .object({ url: z.string(), since: z.string().describe('ISO 8601'), error: statusErrorSchema.optional() })
      .optional()
      .describe(
        'a source that is wanted in place of this one, until its first picture; error says why it does not come',
      ),
  }),
  output: z.object({
    width: z.number(),
    height: z.number(),
    fps: z.number(),
    encoder: z.string(),
    encoderReason: z.string().optional(),
    bitrateKbps: z.number(),
  }),
  people: z.array(personStatusSchema),
  shot: shotStatusSchema.optional().describe('how people are shown; absent before the first picture'),
  tiles: z
    .object({
      isLocked: z.boolean().describe('whether everybody keeps their tile until unlock'),
      pinned: z.array(trackId).describe('who is pinned to their tile'),
    })
    .optional()
    .describe('what people have fixed of the tiles; absent before the first picture'),
  latencyMs: z.object({
    decode: percentiles,
    detect: percentiles,
    compose: percentiles,
    encode: percentiles,
    total: percentiles,
  }),
  frames: z.object({
    in: z.number(),
    out: z.number(),
    repeated: z.number(),
    detected: z.number(),
    dropped: z.number(),
    droppedBy: z
      .object({ decode: z.number(), late: z.number() })
      .describe(
        'decode: compressed, up to a keyframe, because decoding could not follow; late: decoded, not taken in time',
      ),
    damaged: z.number().describe('of a camera: packets that were refused, and pictures that were decoded with errors'),
  }),
  targets: z.array(targetViewSchema),
  recording: recordingStatusSchema,
  memory: z
    .object({
      processBytes: z.number().describe('resident memory of the process; all its streams share it'),
      streamsInProcess: z.number(),
      scriptBytes: z.number().optional().describe('of it, objects of JavaScript'),
      nativeBytes: z.number().optional().describe('of it, allocated by native code: decoders, encoders, networks'),
      nativeFreeBytes: z.number().optional().describe('held by the allocator of the C library for later'),
      gpuBytes: z.number().optional().describe('of the process on the GPU; absent where none is used'),
    })
    .optional()
    .describe('of the process that runs the stream; absent while it does not run'),
  gpu: gpuStatusSchema.optional().describe('absent before the stream has opened its backend'),
  viewers: z.number().describe('browsers and players that receive it, from all hosts'),
  edges: z
    .array(edgeViewersSchema)
    .optional()
    .describe('of a cluster: other hosts that send it to some of the viewers'),
  host: hostAddressSchema.optional().describe('of a cluster: who runs it; absent for the host that answers'),
  reid: z.object({
    computed: z.number(),
    skipped: z.number(),
    activationRatio: z.number(),
    swapsSuspected: z.number(),
    swapsCorrected: z.number(),
  }),
  poses: z
    .object({
      computed: z.number().describe('people for whom the network of detect.pose ran'),
      skipped: z.number().describe('people who were found and whose pose was known, or whose turn it was not'),
    })
    .optional()
    .describe('counted since the stream started; absent where detect.pose is off'),
});

/** `ChangedOptions`. */
export const changedOptionsSchema = z.object({
  live: z.array(z.string()).describe('options that were applied while the stream runs'),
  restart: z.array(z.string()).describe('options for which the stream is started anew'),
});

/** Answer to a change of a stream. */
export const changedStreamSchema = streamViewSchema.extend({ changed: changedOptionsSchema });

/** Answer of `GET …/config`: as a stream is written, *** in the places of secrets. */
export const maskedConfigSchema = streamSchema;

/** Answer to a change of a configuration. */
export const changedConfigSchema = z.object({ config: maskedConfigSchema, changed: changedOptionsSchema });

/** `LoggedEvent` of the domain. */
export const loggedEventSchema = z.object({
  id: z.number().describe('rises with every event of the stream, also over restarts of the gateway'),
  time: z.string().describe('ISO 8601, when it happened first'),
  kind: z.string().describe('for programs: state, target, outage, swap_corrected, options_changed …'),
  text: z.string().describe('one sentence, for people; for guests and role view without addresses'),
  data: z.record(z.string(), z.unknown()).describe('depends on the kind; no secrets'),
  count: z.number().optional().describe('how often it happened in a row; absent: once'),
  lastTime: z.string().optional().describe('ISO 8601, when it happened for the last time; present with count'),
});

/** Query of `GET …/events`. */
export const eventsQuerySchema = z.object({
  since: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('only events with a higher id; an id is about the ms since 1970 at which it happened'),
  limit: z.coerce.number().int().min(0).max(EVENTS_KEPT).default(EVENTS_KEPT).describe('the newest so many'),
});

/** Body of every answer that is not a success: problem details, RFC 9457. */
export const problemSchema = z.object({
  type: z.string().describe('where the code is explained: a path of this gateway'),
  title: z.string().describe('what the code stands for'),
  status: z.number().describe('HTTP status'),
  detail: z.string().describe('what was wrong, where, and what to do'),
  instance: z.string().optional().describe('path that was asked'),
  code: codeSchema,
  error: z
    .object({ code: codeSchema, message: z.string() })
    .describe('code and detail once more, as they were before problem details'),
});

/** Of `GET /api/v1/problems`. */
export const problemKindSchema = z.object({
  code: codeSchema,
  title: z.string().describe('what the code stands for'),
  statuses: z.array(z.number()).describe('HTTP statuses that it is answered with'),
});

/** Body of `GET /healthz`. */
export const healthSchema = z.object({ status: z.literal('ok') });

/** Body of `GET /readyz`. */
export const readinessSchema = z.object({
  ready: z.boolean(),
  media: z.boolean().describe('whether browsers can be served'),
  reason: z.string().optional().describe('why it is not ready; absent where it is'),
  streams: z.record(z.string(), z.string()).describe('state of each stream'),
});
