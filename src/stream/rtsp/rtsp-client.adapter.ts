import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError } from '../../shared/domain/errors.js';
import { KeepAlive } from './keep-alive.adapter.js';
import type { Credentials } from './rtsp-auth.js';
import type { TlsPolicy } from './rtsp-connection.adapter.js';
import { RtspDialog } from './rtsp-dialog.adapter.js';
import { RtspErrors } from './rtsp-error.js';
import { baseUriOf, controlUri, methodsOf, sessionOf, transportOf } from './rtsp-headers.js';
import {
  headerOf,
  serialiseFrame,
  type InterleavedFrame,
  type RtspRequest,
  type RtspResponse,
} from './rtsp-message.js';
import { placeOfChannel, placeOfPayload, type Lane } from './rtsp-lane.js';
import { parseRtspUrl, type RtspUrl } from './rtsp-url.js';
import { parseSessionDescription, type OfferedSession, type OfferedTrack } from './session-description.js';
import { UdpPorts } from './udp-ports.adapter.js';

/** How a camera is asked for its stream. */
export interface RtspClientOptions {
  /** Of the camera, without user and password. */
  readonly url: string;
  /** The camera in messages, secrets masked. */
  readonly name: string;
  /** Absent: none are sent. */
  readonly credentials?: Credentials;
  /** How RTP travels; `auto`: over TCP, and over UDP where the camera refuses that. */
  readonly transport: 'auto' | 'tcp' | 'udp';
  /** For each step, s. */
  readonly timeoutS: number;
  /** How certificates are checked. */
  readonly tls: TlsPolicy;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /**
   * A packet has come, as a frame whose channel is the receiver's to set.
   *
   * @param slot - index of the track in what was set up
   */
  readonly onPacket: (slot: number, isRtcp: boolean, frame: Buffer) => void;
}

/** What the stream of a camera came to. */
export interface SetUp {
  /** How RTP travels. */
  readonly transport: 'tcp' | 'udp';
  /** Why it travels like this. */
  readonly transportReason: string;
  /** Those of the tracks that were refused, with the reason. */
  readonly refused: ReadonlyMap<OfferedTrack, string>;
}

const MAX_REDIRECTS = 5;
/** A camera that does not answer TEARDOWN is left all the same. */
const TEARDOWN_MS = 300;
/** Of a server that names no session. */
const DEFAULT_TIMEOUT_S = 60;

/**
 * The client's side of RTSP 1.0 (RFC 2326): asks a camera what it offers, sets up what is chosen, plays it, and keeps
 * the session alive whatever flows.
 */
export class RtspClient {
  /** Resolves with the reason once the camera has ended the session; never before `describe`. */
  readonly ended: Promise<DiptychError>;

  readonly #options: RtspClientOptions;
  readonly #errors: RtspErrors;
  readonly #lanes: Lane<UdpPorts>[] = [];
  readonly #dialog: RtspDialog;
  #url: RtspUrl;
  #base: string;
  #control = '';
  #methods: ReadonlySet<string> = new Set();
  #keepAlive: KeepAlive | undefined;
  #isPlaying = false;
  #isClosed = false;
  #end: (error: DiptychError) => void = () => undefined;

  /**
   * Takes the URL apart; connects to nothing yet.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where the URL is none of an RTSP server
   */
  constructor(options: RtspClientOptions) {
    const url = parseRtspUrl(options.url);
    if (!url) {
      throw new DiptychError(
        'DIPTYCH_E_CONFIG',
        'source.url: expected rtsp://host[:port]/path, with a port from 1 to 65535',
      );
    }
    this.#options = options;
    this.#url = url;
    this.#base = url.uri;
    this.#errors = new RtspErrors(options.name, options.timeoutS);
    const { timeoutS, signal, tls, credentials } = options;
    this.#dialog = new RtspDialog({
      ...(credentials ? { credentials } : {}),
      tls,
      timeoutS,
      signal,
      errors: this.#errors,
      onFrame: (frame) => this.#onFrame(frame),
      isChannel: (channel) => placeOfChannel(this.#lanes, channel) !== undefined,
      onRequest: (request) => this.#onRequest(request),
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /**
   * Connects and asks what there is, following redirects.
   *
   * @throws {@link DiptychError} with what to do
   */
  async describe(): Promise<OfferedSession> {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      await this.#connect();
      const options = await this.#dialog.ask('OPTIONS', 'OPTIONS', this.#url.uri, []);
      if (options.status === 200) this.#methods = methodsOf(options);
      const response = await this.#dialog.ask('DESCRIBE', 'DESCRIBE', this.#url.uri, [['Accept', 'application/sdp']]);
      if (response.status < 300 || response.status >= 400) return this.#readDescription(response);
      this.#follow(headerOf(response, 'location') ?? '');
    }
    throw this.#errors.redirect('redirects in a circle');
  }

  /**
   * Sets up the tracks, the first of which must be taken; others may be refused.
   *
   * @throws {@link DiptychError} where the first track or the transport is refused
   */
  async setUp(tracks: readonly OfferedTrack[]): Promise<SetUp> {
    const refused = new Map<OfferedTrack, string>();
    let kind: 'tcp' | 'udp' = this.#options.transport === 'udp' ? 'udp' : 'tcp';
    let transportReason = this.#options.transport === 'auto' ? 'TCP is tried first' : `source.transport is ${kind}`;
    for (const track of tracks) {
      let error = await this.#setUpOne(track, kind);
      if (error === 'transport' && this.#options.transport === 'auto' && kind === 'tcp' && this.#lanes.length === 0) {
        kind = 'udp';
        transportReason = 'the camera refuses TCP (461)';
        error = await this.#setUpOne(track, kind);
      }
      if (error === undefined) continue;
      const problem = error === 'transport' ? this.#errors.transport(this.#options.transport) : error;
      if (track === tracks[0] || problem.code === 'DIPTYCH_E_SOURCE_SILENT') throw problem;
      refused.set(track, problem.message);
    }
    this.#keepAlive?.close();
    this.#keepAlive = new KeepAlive({
      timeoutS: this.#dialog.session?.timeoutS ?? DEFAULT_TIMEOUT_S,
      methods: this.#methods,
      ask: (method) => this.#dialog.ask('OPTIONS', method, this.#sessionUri, []),
    });
    return { transport: kind, transportReason, refused };
  }

  /**
   * Asks for the packets of what was set up.
   *
   * @throws {@link DiptychError} where the camera refuses
   */
  async play(): Promise<void> {
    this.#isPlaying = true;
    const uri = this.#sessionUri;
    const response = await this.#dialog.ask('PLAY', 'PLAY', uri, [['Range', 'npt=0.000-']]);
    if (response.status === 200) return;
    // Some take no range for a live stream.
    const again = response.status === 457 ? await this.#dialog.ask('PLAY', 'PLAY', uri, []) : response;
    if (again.status !== 200) throw this.#errors.status('PLAY', again.status, again.reason);
  }

  /** Sends a packet of RTCP to the camera. */
  sendRtcp(slot: number, packet: Uint8Array): void {
    const lane = this.#lanes[slot];
    if (lane?.kind === 'udp') lane.ports.sendRtcp(packet);
    else if (lane) this.#dialog.connection?.sendFrame(serialiseFrame(lane.rtcpChannel, packet));
  }

  /** Reads no further until {@link resume}: over TCP the camera then has to wait. */
  pause(): void {
    this.#dialog.connection?.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#dialog.connection?.resume();
  }

  /** The words for what goes wrong. */
  get errors(): RtspErrors {
    return this.#errors;
  }

  /** Ends the session and the connection; idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#keepAlive?.close();
    for (const lane of this.#lanes) if (lane.kind === 'udp') lane.ports.close();
    const connection = this.#dialog.connection;
    if (connection && this.#dialog.session) {
      connection.resume();
      const uri = this.#sessionUri;
      const answered = this.#dialog.send('OPTIONS', 'TEARDOWN', uri, []).catch(() => undefined);
      await Promise.race([answered, connection.ended, delay(TEARDOWN_MS)]);
    }
    connection?.close();
  }

  /** What requests about the whole session name. */
  get #sessionUri(): string {
    return controlUri(this.#base, this.#control);
  }

  async #connect(): Promise<void> {
    const connection = await this.#dialog.connect(this.#url);
    void connection.ended.then((error) => {
      if (connection === this.#dialog.connection) this.#end(error ?? this.#errors.ended());
    });
  }

  #readDescription(response: RtspResponse): OfferedSession {
    if (response.status !== 200) throw this.#errors.status('DESCRIBE', response.status, response.reason);
    this.#base = baseUriOf(response, this.#url.uri);
    const offered = parseSessionDescription(response.body.toString('utf8'));
    this.#control = offered.control;
    return offered;
  }

  #follow(location: string): void {
    const next = parseRtspUrl(location) ?? parseRtspUrl(controlUri(this.#url.uri, location));
    if (!next || location === '') throw this.#errors.redirect('redirects to something that is no RTSP URL');
    if (this.#url.isTls && !next.isTls) throw this.#errors.redirect('redirects from rtsps:// to rtsp://, without TLS');
    this.#url = next;
    this.#base = next.uri;
  }

  async #setUpOne(track: OfferedTrack, kind: 'tcp' | 'udp'): Promise<DiptychError | 'transport' | undefined> {
    const slot = this.#lanes.length;
    const ports = kind === 'udp' ? await this.#openPorts(slot) : undefined;
    const transport = ports
      ? `RTP/AVP;unicast;client_port=${ports.rtpPort}-${ports.rtpPort + 1}`
      : `RTP/AVP/TCP;unicast;interleaved=${2 * slot}-${2 * slot + 1}`;
    const response = await this.#dialog.ask('SETUP', 'SETUP', controlUri(this.#base, track.control), [
      ['Transport', transport],
    ]);
    const answer = response.status === 200 ? transportOf(response) : undefined;
    this.#dialog.session =
      response.status === 200 ? (sessionOf(response) ?? this.#dialog.session) : this.#dialog.session;
    if (answer?.kind === 'tcp' && !ports) {
      this.#lanes.push({ ...answer, payloadType: track.payloadType });
      return undefined;
    }
    if (answer?.kind === 'udp' && ports) {
      const { rtpPort, rtcpPort, source } = answer;
      const remote = this.#dialog.connection?.remoteAddress ?? '';
      ports.connect({ addresses: [remote, ...(source === undefined ? [] : [source])], rtpPort, rtcpPort });
      this.#lanes.push({ kind: 'udp', ports, payloadType: track.payloadType });
      return undefined;
    }
    ports?.close();
    if (response.status === 200 || response.status === 461) return 'transport';
    return this.#errors.status('SETUP', response.status, response.reason);
  }

  #openPorts(slot: number): Promise<UdpPorts> {
    return UdpPorts.open({
      localAddress: this.#dialog.connection?.localAddress ?? '0.0.0.0',
      onPacket: (packet, isRtcp) => this.#options.onPacket(slot, isRtcp, serialiseFrame(0, packet)),
    });
  }

  #onFrame({ channel, bytes }: InterleavedFrame): void {
    const place = placeOfChannel(this.#lanes, channel) ?? placeOfPayload(this.#lanes, bytes);
    if (place) this.#options.onPacket(place.slot, place.isRtcp, bytes);
  }

  #onRequest({ method }: RtspRequest): number {
    if (method === 'TEARDOWN' || method === 'REDIRECT') {
      if (this.#isPlaying) this.#end(this.#errors.ended());
      return 200;
    }
    return ['OPTIONS', 'ANNOUNCE', 'GET_PARAMETER', 'SET_PARAMETER'].includes(method) ? 200 : 501;
  }
}
