import * as z from 'zod';
import type { StreamView } from '../../../shared/domain/stream-status.js';
import type { OverlayFrame, StreamEvent } from '../../../shared/ipc/messages.js';

/*
 * What two hosts say to each other over the WebSocket of a pipe, each message one JSON object. The host that pulls says
 * where it takes the media; the one that runs the stream answers where it sends it from, and then tells everything that
 * viewers are told. Keys of the media are encrypted with the key of the cluster.
 */

/** One end of the media. */
const pipeEndSchema = z.object({
  /** Address, IPv4 or IPv6. */
  ip: z.string().max(64),
  /** UDP. */
  port: z.int().min(1).max(65_535),
  /** SRTP parameters as JSON, sealed with the key of the cluster. */
  sealedSrtp: z.string().max(4096),
});

/** One end of the media of a pipe. */
export type PipeEnd = z.output<typeof pipeEndSchema>;

/** Of the host that pulls. */
const pullerMessageSchema = z.discriminatedUnion('type', [
  /** Once, as the first. */
  z.object({ type: z.literal('open'), end: pipeEndSchema }),
  /** Whenever there are more or fewer. */
  z.object({ type: z.literal('viewers'), viewers: z.int().min(0) }),
]);

/** What the host that pulls says. */
export type PullerMessage = z.output<typeof pullerMessageSchema>;

const rtpParameters = z.looseObject({ codecs: z.array(z.looseObject({ mimeType: z.string() })).max(16) });

/** Of the host that runs the stream. Status, overlay and event are taken as they come: they are for viewers only. */
const senderMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened'), end: pipeEndSchema }),
  /** Once there is media, and again where it comes another way. */
  z.object({ type: z.literal('media'), video: rtpParameters, audio: rtpParameters }),
  z.object({ type: z.literal('status'), view: z.looseObject({ id: z.string(), state: z.string() }) }),
  z.object({ type: z.literal('overlay'), overlay: z.looseObject({ rtpTimestamp: z.number() }) }),
  z.object({ type: z.literal('event'), event: z.looseObject({ ptsMs: z.number(), name: z.string() }) }),
]);

type Told = z.output<typeof senderMessageSchema>;

/** What the host that runs the stream says. */
export type SenderMessage =
  | Exclude<Told, { type: 'status' | 'overlay' | 'event' }>
  | { readonly type: 'status'; readonly view: StreamView }
  | { readonly type: 'overlay'; readonly overlay: OverlayFrame }
  | { readonly type: 'event'; readonly event: StreamEvent };

/** Reads what the host says that pulls. Throws where it is none of these messages. */
export const readPullerMessage = (text: string): PullerMessage => pullerMessageSchema.parse(JSON.parse(text));

/** Reads what the host says that runs the stream. Throws where it is none of these messages. */
export const readSenderMessage = (text: string): SenderMessage =>
  senderMessageSchema.parse(JSON.parse(text)) as SenderMessage;
