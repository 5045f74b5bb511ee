import { LAYOUTS } from '../../shared/domain/layout.js';
import { SHOT_KINDS, SHOT_REASONS } from '../../shared/domain/shot.js';
import * as z from 'zod';
import type { RequestType } from '../../shared/signaling/protocol.js';
import { ERROR_CODES, type ErrorCode } from '../../shared/domain/errors.js';
import { STREAM_STATES } from '../../shared/domain/stream-status.js';
import { hostAddressSchema } from '../api/host-schema.js';
import { streamViewSchema } from '../api/schemas.js';

/*
 * What clients of the WebSocket are sent, as schemas: docs/websocket.md is made of them, and tests hold what a gateway
 * sends to them.
 */

const streamId = z.string().describe('name of the stream');
/** Mediasoup's own types, which its client takes as they are. */
const ofMediasoup = (what: string): z.ZodType => z.looseObject({}).describe(`${what}, as mediasoup-client takes it`);
const listOfMediasoup = (what: string): z.ZodType =>
  z.array(z.looseObject({})).describe(`${what}, as mediasoup-client takes it`);
const none = z.strictObject({});

const streams = z
  .array(z.strictObject({ id: streamId, state: z.enum(STREAM_STATES) }))
  .describe('every stream that there is');
const status = streamViewSchema;
const producers = {
  video: z.string().describe('producer of the pictures'),
  audio: z.string().describe('producer of the sound; silence where the source has none'),
};

const movedTo = z.strictObject({
  ...hostAddressSchema.shape,
  pass: z.string().optional().describe('to be shown there as a token; absent where none is needed'),
});

/** Why a request failed, or a message could not be read. */
export const protocolErrorSchema = z.strictObject({
  code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]).describe('stable, for programs'),
  message: z.string().describe('what was wrong and what to do, for people'),
  moved: movedTo
    .optional()
    .describe(
      'with DIPTYCH_E_MOVED: the host of the cluster that runs the stream, or is to send it to this viewer; connect and subscribe there',
    ),
});

/** The `data` of the answer to each request. */
export const answerSchemas = {
  hello: z.strictObject({
    version: z.int().describe('that is spoken'),
    gateway: z.string().describe('version of the gateway'),
    streams,
  }),
  subscribe: z.strictObject({
    status,
    producers: z.strictObject(producers).optional().describe('absent while no media comes in'),
  }),
  unsubscribe: none,
  'router-capabilities': z.strictObject({ rtpCapabilities: ofMediasoup('what can be sent') }),
  'create-transport': z.strictObject({
    id: z.string(),
    iceParameters: ofMediasoup('user name fragment and password'),
    iceCandidates: listOfMediasoup('addresses of the gateway'),
    dtlsParameters: ofMediasoup('fingerprints of the gateway'),
    iceServers: z.array(z.looseObject({ urls: z.array(z.string()) })).describe('STUN and TURN servers; may expire'),
  }),
  'connect-transport': none,
  consume: z.strictObject({
    id: z.string().describe('of the consumer, for resume, pause and close-consumer'),
    producerId: z.string(),
    kind: z.enum(['audio', 'video']),
    rtpParameters: ofMediasoup('codec, SSRCs and extensions'),
  }),
  resume: none,
  pause: none,
  'close-consumer': none,
  stats: z.strictObject({
    transport: z.array(z.unknown()).describe('of the transport'),
    consumers: z.array(z.unknown()).describe('of pictures and sound'),
  }),
} satisfies Readonly<Record<RequestType, z.ZodType>>;

const box = z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

/** What is sent unasked. */
export const pushSchema = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('streams'), streams })
    .describe('a stream was added, removed, renamed, or its state changed'),
  z.strictObject({ type: z.literal('status'), streamId, status }).describe('once a second, and when the state changes'),
  z
    .strictObject({ type: z.literal('producers'), streamId, ...producers })
    .describe('the media has a new origin: consume again'),
  z
    .strictObject({
      type: z.literal('overlay'),
      streamId,
      overlay: z.strictObject({
        rtpTimestamp: z.number().describe('of the picture, 90 kHz, as requestVideoFrameCallback gives it'),
        layout: z.enum(LAYOUTS).describe('how the picture is divided'),
        shot: z
          .strictObject({ kind: z.enum(SHOT_KINDS), reason: z.enum(SHOT_REASONS) })
          .optional()
          .describe('how people are shown, and why; absent without a picture of the source'),
        boxes: z.array(
          z.strictObject({
            trackId: z.int().describe('the person'),
            name: z.string().optional().describe('absent where they have none'),
            slot: z.int().optional().describe('tile, 0 is the leftmost; absent without one'),
            box: box.describe('pixels of the output'),
            score: z.number().describe('confidence of the last detection, 0 to 1'),
          }),
        ),
      }),
    })
    .describe('for each picture; left out while the client is slow'),
  z
    .strictObject({
      type: z.literal('event'),
      streamId,
      event: z.strictObject({
        ptsMs: z.number().describe('running time of the stream, ms'),
        name: z.string().describe('what happened, for programs'),
        details: z.record(z.string(), z.unknown()).describe('depend on the name; no secrets'),
      }),
    })
    .describe('something happened; GET /api/v1/streams/ID/events has it in words'),
  z
    .strictObject({ type: z.literal('renamed'), streamId, to: z.string().describe('its name from now on') })
    .describe('the subscribed stream has another name; its pushes go on under that'),
  z
    .strictObject({
      type: z.literal('moved'),
      streamId,
      to: movedTo
        .optional()
        .describe('who runs it; absent where no host does at the moment: subscribe again a moment later'),
      reason: z.string().optional().describe('why no host runs it, for people'),
    })
    .describe(
      'of a cluster: the subscribed stream does not run on this host any more; gone follows, for clients that do not know of this',
    ),
  z.strictObject({ type: z.literal('gone'), streamId }).describe('the subscribed stream was deleted, or moved'),
  z
    .strictObject({ type: z.literal('error'), error: protocolErrorSchema })
    .describe('a message could not be read, and so could not be answered'),
]);
