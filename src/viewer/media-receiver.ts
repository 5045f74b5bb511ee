import { detectDevice, Device, type types } from 'mediasoup-client';
import type { ProducerIds } from '../shared/signaling/protocol.js';
import type { SignalingClient } from './signaling-client.js';

/** Events of a receiver. */
export interface ReceiverHandlers {
  /** There is a picture to show, or another one than before; see `dropFormerVideo`. */
  onVideo(track: MediaStreamTrack): void;
  /** A new audio track; `undefined` where there is none any more. */
  onAudio(track: MediaStreamTrack | undefined): void;
  /** Media cannot get through; only a new transport helps. */
  onBroken(): void;
}

/** What this browser received recently. */
export interface ReceptionStats {
  /** One way, estimated as half of the round trip, milliseconds. */
  readonly networkMs?: number;
  /** Mean time a frame waited in the jitter buffer and was decoded, milliseconds. */
  readonly bufferMs?: number;
  /** Mean time to decode a frame, ms. */
  readonly decodeMs?: number;
  /** Frames that were decoded, a second. */
  readonly fps?: number;
  /** Video received, kbit/s. */
  readonly bitrateKbps?: number;
  /** Packets lost for good since the last call, fraction. */
  readonly lossRatio?: number;
}

/** Nothing that is tried again helps. */
export class NoWebRtcError extends Error {
  /** With what to do. */
  constructor() {
    super(
      'This browser has no WebRTC, or it is turned off, and the picture needs it. Open the page in a current Chrome, Edge, Firefox or Safari.',
    );
  }
}

/** Not in every browser's types yet. */
type LowLatencyReceiver = RTCRtpReceiver & { jitterBufferTarget?: number | null; playoutDelayHint?: number };

/** A transport that stays disconnected so long is treated as broken, milliseconds. */
const DISCONNECTED_LIMIT_MS = 4_000;

/**
 * Receives one stream: a transport, a video consumer, and an audio consumer only while sound is
 * wanted, because a browser delays pictures to match the sound, also when it is muted.
 */
export class MediaReceiver {
  readonly #signaling: SignalingClient;
  readonly #handlers: ReceiverHandlers;
  #device: Device | undefined;
  #transport: types.Transport | undefined;
  #video: types.Consumer | undefined;
  /** On screen, until a newer one has something to show; may have been replaced already. */
  #shown: { readonly transport: types.Transport; readonly video: types.Consumer } | undefined;
  #audio: types.Consumer | undefined;
  #producers: ProducerIds | undefined;
  /** A transport was asked for. */
  #isBegun = false;
  #isAudioWanted = false;
  #disconnectedTimer: number | undefined;
  #lastStats: RTCInboundRtpStreamStats | undefined;
  /** One change after the other. */
  #queue: Promise<void> = Promise.resolve();

  constructor(signaling: SignalingClient, handlers: ReceiverHandlers) {
    this.#signaling = signaling;
    this.#handlers = handlers;
  }

  /** Starts on a new subscription; what there was before is given up. Rejects where a request or the browser fails. @throws NoWebRtcError */
  open(producers: ProducerIds | undefined): Promise<void> {
    if (!('RTCPeerConnection' in globalThis)) return Promise.reject(new NoWebRtcError());
    this.detach();
    // What the former transport still waits for must not delay this one.
    this.#queue = Promise.resolve();
    this.#producers = producers;
    // A transport is asked for once there is media.
    return producers ? this.#begin() : Promise.resolve();
  }

  #begin(): Promise<void> {
    this.#isBegun = true;
    const capabilities = this.#signaling.request('router-capabilities', {});
    const parameters = this.#signaling.request('create-transport', {});
    return this.#enqueue(async () => {
      const [{ rtpCapabilities }, transport] = await Promise.all([capabilities, parameters]);
      this.#device ??= new Device({ handlerName: detectDevice() ?? 'Chrome111' });
      if (!this.#device.loaded) {
        await this.#device.load({ routerRtpCapabilities: rtpCapabilities });
      }
      this.#transport = this.#createTransport(transport);
      if (this.#producers) await this.#consumeAll();
    });
  }

  /** The media has another origin: a restarted stream process. */
  setProducers(producers: ProducerIds): void {
    this.#producers = producers;
    const transport = this.#transport;
    const done = this.#isBegun ? this.#enqueue(() => this.#consumeAll()) : this.#begin();
    void done.catch(() => {
      if (transport === this.#transport) this.#handlers.onBroken();
    });
  }

  /** Whether sound is received at all; a muted page does not ask for it. */
  setAudioWanted(isWanted: boolean): Promise<void> {
    this.#isAudioWanted = isWanted;
    return this.#enqueue(() => this.#consumeAudio());
  }

  /** The newest track is on screen; one that ends earlier would leave a black picture. */
  dropFormerVideo(): void {
    const former = this.#shown;
    if (!this.#transport || !this.#video) return;
    this.#shown = { transport: this.#transport, video: this.#video };
    if (former && former.transport !== this.#transport) former.transport.close();
    else if (former?.video !== this.#video) former?.video.close();
  }

  /** The transport is given up, and with it all media; the last picture stays. */
  detach(): void {
    clearTimeout(this.#disconnectedTimer);
    if (this.#transport !== this.#shown?.transport) this.#transport?.close();
    this.#transport = undefined;
    this.#video = undefined;
    this.#audio = undefined;
    this.#producers = undefined;
    this.#isBegun = false;
    this.#lastStats = undefined;
  }

  /** Ends the transport and its consumers. Idempotent. */
  close(): void {
    this.detach();
    this.#shown?.transport.close();
    this.#shown = undefined;
  }

  /** Figures since the last call. */
  async stats(): Promise<ReceptionStats> {
    const receiver = this.#video?.rtpReceiver;
    if (!receiver) return {};
    let inbound: RTCInboundRtpStreamStats | undefined;
    let roundTripS: number | undefined;
    (await receiver.getStats()).forEach((entry: RTCStats) => {
      if (entry.type === 'inbound-rtp') inbound = entry as RTCInboundRtpStreamStats;
      if (entry.type === 'candidate-pair') roundTripS ??= (entry as RTCIceCandidatePairStats).currentRoundTripTime;
    });
    const last = this.#lastStats?.ssrc === inbound?.ssrc ? this.#lastStats : undefined;
    this.#lastStats = inbound;
    const network = roundTripS === undefined ? {} : { networkMs: (roundTripS * 1000) / 2 };
    return inbound && last ? { ...network, ...difference(last, inbound) } : network;
  }

  #createTransport(options: types.TransportOptions): types.Transport {
    if (!this.#device) throw new Error('no device');
    const transport = this.#device.createRecvTransport(options);
    transport.on('connect', ({ dtlsParameters }, done, fail) => {
      const { role, fingerprints } = dtlsParameters;
      this.#signaling
        .request('connect-transport', { dtlsParameters: { fingerprints, ...(role && { role }) } })
        .then(done, fail);
    });
    transport.on('connectionstatechange', (state) => {
      clearTimeout(this.#disconnectedTimer);
      if (transport !== this.#transport) return;
      if (state === 'failed') this.#handlers.onBroken();
      if (state === 'disconnected') {
        this.#disconnectedTimer = setTimeout(() => {
          this.#handlers.onBroken();
        }, DISCONNECTED_LIMIT_MS);
      }
    });
    return transport;
  }

  async #consumeAll(): Promise<void> {
    await this.#consumeVideo();
    await this.#consumeAudio();
  }

  async #consumeVideo(): Promise<void> {
    const consumer = await this.#consume('video');
    if (!consumer) return;
    if (this.#video !== this.#shown?.video) this.#video?.close();
    this.#video = consumer;
    this.#handlers.onVideo(consumer.track);
  }

  async #consumeAudio(): Promise<void> {
    const former = this.#audio;
    if (this.#isAudioWanted && former && former.producerId === this.#producers?.audio) return;
    this.#audio = this.#isAudioWanted ? await this.#consume('audio') : undefined;
    this.#handlers.onAudio(this.#audio?.track);
    if (!former) return;
    former.close();
    if (!this.#audio) await this.#signaling.request('close-consumer', { consumerId: former.id }).catch(() => undefined);
  }

  async #consume(kind: types.MediaKind): Promise<types.Consumer | undefined> {
    const transport = this.#transport;
    if (!transport || !this.#device || !this.#producers) return undefined;
    const { codecs = [], headerExtensions = [] } = this.#device.recvRtpCapabilities;
    const rtpCapabilities = { codecs, headerExtensions } as never;
    const answer = await this.#signaling.request('consume', { kind, rtpCapabilities });
    const consumer = await transport.consume({
      id: answer.id,
      producerId: answer.producerId,
      kind: answer.kind,
      rtpParameters: answer.rtpParameters,
    });
    if (transport !== this.#transport) {
      consumer.close();
      return undefined;
    }
    if (consumer.rtpReceiver) playWithoutDelay(consumer.rtpReceiver);
    await this.#signaling.request('resume', { consumerId: answer.id });
    return consumer;
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

/** Live: a low delay matters more than even playback. */
function playWithoutDelay(receiver: RTCRtpReceiver): void {
  const lowLatency = receiver as LowLatencyReceiver;
  if ('jitterBufferTarget' in lowLatency) lowLatency.jitterBufferTarget = 0;
  else if ('playoutDelayHint' in lowLatency) (lowLatency as LowLatencyReceiver).playoutDelayHint = 0;
}

function difference(last: RTCInboundRtpStreamStats, now: RTCInboundRtpStreamStats): ReceptionStats {
  const since = (key: keyof RTCInboundRtpStreamStats): number => Number(now[key] ?? 0) - Number(last[key] ?? 0);
  const seconds = since('timestamp') / 1000;
  const frames = since('framesDecoded');
  if (seconds <= 0 || frames <= 0) return {};
  const emitted = since('jitterBufferEmittedCount');
  const packets = since('packetsReceived');
  const lost = Math.max(0, since('packetsLost'));
  return {
    ...(emitted > 0 && { bufferMs: (since('jitterBufferDelay') / emitted) * 1000 }),
    decodeMs: (since('totalDecodeTime') / frames) * 1000,
    fps: frames / seconds,
    bitrateKbps: (since('bytesReceived') * 8) / 1000 / seconds,
    ...(packets + lost > 0 && { lossRatio: lost / (packets + lost) }),
  };
}
