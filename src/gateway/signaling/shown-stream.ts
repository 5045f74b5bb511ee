import type { EventEmitter } from 'node:events';
import type { StreamStatus, StreamView } from '../../shared/domain/stream-status.js';
import type { OverlayFrame, StreamEvent } from '../../shared/ipc/messages.js';
import type { ProducerIds } from '../../shared/signaling/protocol.js';
import type { types } from 'mediasoup';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import { MediaIngress } from './media-ingress.adapter.js';

/** Where viewers get the media of a stream from. */
export interface ShownIngress {
  /** What viewers consume. */
  readonly producerId: (kind: types.MediaKind) => string;
  /** The same for both, as clients are told. */
  readonly producers: ProducerIds;
  /** Whether it has ended. */
  readonly isClosed: boolean;
}

/** What those who show a stream are told. Listeners must not throw. */
export interface ShownStreamEvents {
  /** Once a second, and whenever the state changes. */
  status: [StreamStatus];
  /** With each picture. */
  overlay: [OverlayFrame];
  /** Something happened in the stream. */
  event: [StreamEvent];
  /** The media comes another way from now on. */
  ingress: [unknown];
}

/** A stream of another host whose media this host pulls, for viewers of its own. */
export interface PulledStream extends EventEmitter<ShownStreamEvents> {
  /** Its name. */
  readonly id: string;
  /** As the host that runs it told, with that host. */
  readonly view: StreamView;
  /** Where its media is; absent while none comes. */
  readonly pulled: ShownIngress | undefined;
}

/** A stream that viewers can be sent: one that runs here, or one that is pulled. */
export type ShownStream = ManagedStream | PulledStream;

/** Whether it runs on another host. */
export const isPulled = (stream: ShownStream): stream is PulledStream => 'pulled' in stream;

/** Where the media of a stream is; absent while none comes. */
export function ingressOf(stream: ShownStream): ShownIngress | undefined {
  const ingress = isPulled(stream) ? stream.pulled : stream.ingress;
  if (!ingress || !('isClosed' in ingress || ingress instanceof MediaIngress)) return undefined;
  return ingress.isClosed ? undefined : ingress;
}

/** Follows a stream, whichever it is. */
export function followShown(
  stream: ShownStream,
  listeners: { readonly [E in keyof ShownStreamEvents]?: (...args: ShownStreamEvents[E]) => void },
): void {
  const { status, overlay, event, ingress } = listeners;
  const emitter = stream as EventEmitter<ShownStreamEvents>;
  if (status) emitter.on('status', status);
  if (overlay) emitter.on('overlay', overlay);
  if (event) emitter.on('event', event);
  if (ingress) emitter.on('ingress', ingress);
}
