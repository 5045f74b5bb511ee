import * as z from 'zod';
import type { types } from 'mediasoup';
import type { HostAddress } from '../domain/host-address.js';
import type { StreamState, StreamView } from '../domain/stream-status.js';
import type { ErrorCode } from '../domain/errors.js';
import type { OverlayFrame, StreamEvent } from '../ipc/messages.js';

/**
 * The WebSocket protocol of `GET /ws`: every message is one JSON object in one text frame. The client asks, each request
 * with an `id` of its choice; the server answers and pushes. docs/websocket.md, which is made of the schemas, has all of it.
 */
export { CLOSE_CODES, PROTOCOL_VERSION, SUBPROTOCOL } from './protocol-constants.js';

const id = z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('chosen by the client, returned in the response');
const name = z.string().min(1).max(64);

const dtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().max(256),
      }),
    )
    .min(1)
    .max(8),
});

/** Checked in depth by mediasoup; here only that it is an object with lists of a sane size. */
const rtpCapabilities = z.object({
  codecs: z.array(z.looseObject({ mimeType: z.string() })).max(200),
  headerExtensions: z
    .array(z.looseObject({ uri: z.string() }))
    .max(200)
    .optional(),
});

const consumerId = name.describe('as the answer to consume gave it');

/** Every request; unknown types and fields are refused. */
export const requestSchema = z.discriminatedUnion('type', [
  z
    .strictObject({ type: z.literal('hello'), id, version: z.int().describe('that the client speaks') })
    .describe('has to be the first'),
  z
    .strictObject({ type: z.literal('subscribe'), id, streamId: name.describe('name of the stream') })
    .describe('chooses a stream, in place of another one; from now on its pushes come'),
  z.strictObject({ type: z.literal('unsubscribe'), id }).describe('leaves the stream; its transport is closed'),
  z.strictObject({ type: z.literal('router-capabilities'), id }).describe('what Device.load of mediasoup-client takes'),
  z
    .strictObject({ type: z.literal('create-transport'), id })
    .describe('opens the way of the media; there is one at a time, and the former one is closed'),
  z
    .strictObject({ type: z.literal('connect-transport'), id, dtlsParameters })
    .describe('tells the fingerprint of the browser, once for each transport'),
  z
    .strictObject({ type: z.literal('consume'), id, kind: z.enum(['audio', 'video']), rtpCapabilities })
    .describe('wants pictures or sound; they begin with resume, and take the place of the former ones of this kind'),
  z.strictObject({ type: z.literal('resume'), id, consumerId }).describe('packets flow, from the next keyframe on'),
  z.strictObject({ type: z.literal('pause'), id, consumerId }).describe('packets stop until resume'),
  z.strictObject({ type: z.literal('close-consumer'), id, consumerId }).describe('ends it; its id is unknown then'),
  z.strictObject({ type: z.literal('stats'), id }).describe('figures of the media, as mediasoup has them'),
]);

/** A STUN or TURN server, as `RTCPeerConnection` takes it. */
export interface IceServer {
  /** Of one server. */
  readonly urls: string[];
  /** Of a TURN server; it may expire. */
  readonly username?: string;
  /** The password to it. */
  readonly credential?: string;
}

/** A request that was read and checked. */
export type Request = z.output<typeof requestSchema>;
/** The `type` field of a request. */
export type RequestType = Request['type'];
/** The request of one type. */
export type RequestOf<T extends RequestType> = Extract<Request, { readonly type: T }>;

/** A stream in the list of all. */
export interface StreamSummary {
  /** Name of the stream. */
  readonly id: string;
  /** As in its status. */
  readonly state: StreamState;
}

/** Producer ids; a new id means that the former consumer will receive nothing more. */
export interface ProducerIds {
  /** Producer id for `consume` of the video. */
  readonly video: string;
  /** Producer id for `consume` of the audio; there always is one, with silence if need be. */
  readonly audio: string;
}

/** What a successful request is answered with. */
export interface Answers {
  /** The version that is spoken, the gateway's own version, and the streams there are. */
  readonly hello: { readonly version: number; readonly gateway: string; readonly streams: readonly StreamSummary[] };
  /** The status now; `producers` is absent while no media comes in. */
  readonly subscribe: { readonly status: StreamView; readonly producers?: ProducerIds };
  /** Nothing more is pushed of the stream. */
  readonly unsubscribe: Record<string, never>;
  /** What the media server can send. */
  readonly 'router-capabilities': { readonly rtpCapabilities: types.RtpCapabilities };
  /** The server's end of a WebRTC transport, for `createRecvTransport`. */
  readonly 'create-transport': {
    readonly id: string;
    readonly iceParameters: types.IceParameters;
    readonly iceCandidates: types.IceCandidate[];
    readonly dtlsParameters: types.DtlsParameters;
    readonly iceServers: IceServer[];
  };
  /** The DTLS handshake may begin. */
  readonly 'connect-transport': Record<string, never>;
  /** A consumer that is paused until `resume`. */
  readonly consume: {
    readonly id: string;
    readonly producerId: string;
    readonly kind: types.MediaKind;
    readonly rtpParameters: types.RtpParameters;
  };
  /** Packets flow from the next keyframe on. */
  readonly resume: Record<string, never>;
  /** Packets stop until `resume`. */
  readonly pause: Record<string, never>;
  /** The consumer is gone; its id is unknown from now on. */
  readonly 'close-consumer': Record<string, never>;
  /** Statistics as mediasoup gives them, in its own form. */
  readonly stats: { readonly transport: readonly unknown[]; readonly consumers: readonly unknown[] };
}

/** Why a request failed. */
export interface ProtocolError {
  /** Stable, for programs. */
  readonly code: ErrorCode;
  /** What was wrong and what to do, for people. */
  readonly message: string;
  /** Where the stream is: with `DIPTYCH_E_MOVED`. */
  readonly moved?: MovedTo;
}

/** The host of a cluster that runs a stream. */
export interface MovedTo extends HostAddress {
  /** To be shown there, as a token; absent where it is not needed, or where the client has a token. */
  readonly pass?: string;
}

/** The answer to one request; `id` is that of the request. */
export type Response =
  | { readonly type: 'response'; readonly id: number; readonly ok: true; readonly data: Answers[RequestType] }
  | { readonly type: 'response'; readonly id: number; readonly ok: false; readonly error: ProtocolError };

/** What the server sends unasked. */
export type Push =
  | { readonly type: 'streams'; readonly streams: readonly StreamSummary[] }
  | { readonly type: 'status'; readonly streamId: string; readonly status: StreamView }
  | ({ readonly type: 'producers'; readonly streamId: string } & ProducerIds)
  | { readonly type: 'overlay'; readonly streamId: string; readonly overlay: OverlayFrame }
  | { readonly type: 'event'; readonly streamId: string; readonly event: StreamEvent }
  | { readonly type: 'renamed'; readonly streamId: string; readonly to: string }
  | { readonly type: 'moved'; readonly streamId: string; readonly to?: MovedTo; readonly reason?: string }
  | { readonly type: 'gone'; readonly streamId: string }
  | { readonly type: 'error'; readonly error: ProtocolError };

/** Everything that a client can receive. */
export type ServerMessage = Response | Push;
