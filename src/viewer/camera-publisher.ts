import { Backoff } from '../shared/retry/backoff.js';
import { cameraProblem, INSECURE_PAGE } from './camera-error.js';
import { WhipClient, WhipRefusal } from './whip-client.js';
import { sentence } from './wording.js';

/** Where a {@link CameraPublisher} is: nothing is sent, a connection is being made, it sends, it waits to connect again. */
export type PublishingState = 'idle' | 'connecting' | 'live' | 'retrying';

/** Which devices are wanted; empty: the first, for the microphone `none`: silence. */
export interface DeviceChoice {
  /** `deviceId`. */
  readonly camera: string;
  /** `deviceId`, or `none`. */
  readonly microphone: string;
}

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
/** A connection that is interrupted for longer is made anew, ms. */
const INTERRUPTION_MS = 3000;
/** Refusals that no further attempt mends. */
const FINAL: ReadonlySet<number> = new Set([400, 401, 403, 404, 406, 415]);

/** This device's camera, sent to one stream for as long as it is wanted: a connection that breaks is made anew. */
export class CameraPublisher {
  readonly #streamId: string;
  readonly #onChange: () => void;
  readonly #backoff = new Backoff({ isFirstAtOnce: true });
  #state: PublishingState = 'idle';
  #media: MediaStream | undefined;
  #client: WhipClient | undefined;
  #problem: string | undefined;
  #timer: number | undefined;
  #liveSinceMs: number | undefined;
  /** Rises with every attempt; what an older one still does is of no account. */
  #attempt = 0;

  constructor(streamId: string, onChange: () => void) {
    this.#streamId = streamId;
    this.#onChange = onChange;
  }

  /** See {@link PublishingState}. */
  get state(): PublishingState {
    return this.#state;
  }

  /** What the camera gives; absent while it is not open. */
  get media(): MediaStream | undefined {
    return this.#media;
  }

  /** What is wrong, for people; absent where nothing is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Opens the devices, or others in their place. Returns whether they are open; {@link problem} says why not. */
  async open({ camera, microphone }: DeviceChoice): Promise<boolean> {
    // Undefined in pages that are not secure, whatever its type says.
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!devices) return this.#fail(INSECURE_PAGE);
    this.#stopTracks();
    try {
      this.#media = await devices.getUserMedia({
        video: { ...PICTURE, ...(camera !== '' && { deviceId: { exact: camera } }) },
        audio: microphone === 'none' ? false : microphone === '' || { deviceId: { exact: microphone } },
      });
      this.#problem = undefined;
      this.#onChange();
      return true;
    } catch (error) {
      const name = error instanceof Error ? error.name : String(error);
      return this.#fail(cameraProblem(name, { hasMicrophone: microphone !== 'none' }));
    }
  }

  /** Sends what is open; replaces a connection that there is. */
  async start(): Promise<void> {
    const media = this.#media;
    if (!media) return;
    const attempt = ++this.#attempt;
    clearTimeout(this.#timer);
    const former = this.#client;
    this.#client = undefined;
    this.#set('connecting', this.#problem);
    const isReplaced = await former?.close();
    if (attempt !== this.#attempt) return;
    if (isReplaced === true) {
      this.#stopTracks();
      this.#set('idle', 'Another camera took the place of this one.');
      return;
    }
    try {
      const client = await WhipClient.publish(this.#streamId, media, {
        onState: (state) => {
          if (attempt === this.#attempt) this.#follow(state);
        },
      });
      if (attempt === this.#attempt) this.#client = client;
      else await client.close();
    } catch (error) {
      if (attempt === this.#attempt) this.#refused(error);
    }
  }

  /** Sends nothing any more, and closes the devices. Idempotent. */
  async stop(): Promise<void> {
    this.#attempt++;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    this.#stopTracks();
    this.#set('idle');
    await client?.close();
  }

  /** WebRTC's figures; empty while nothing is sent. */
  async stats(): Promise<RTCStatsReport | undefined> {
    return this.#client?.stats();
  }

  #follow(state: RTCPeerConnectionState): void {
    clearTimeout(this.#timer);
    if (state === 'connected') {
      this.#liveSinceMs = performance.now();
      this.#set('live');
    } else if (state === 'failed') {
      this.#retry('The connection to the gateway was lost.');
    } else if (state === 'disconnected') {
      this.#timer = setTimeout(() => {
        this.#retry('The connection to the gateway was lost.');
      }, INTERRUPTION_MS);
    }
  }

  #refused(error: unknown): void {
    const message = error instanceof WhipRefusal ? sentence(error.message) : 'The gateway does not answer.';
    if (error instanceof WhipRefusal && FINAL.has(error.status)) {
      this.#stopTracks();
      this.#set('idle', message);
    } else this.#retry(message);
  }

  #retry(problem: string): void {
    this.#attempt++;
    const workedMs = this.#liveSinceMs === undefined ? 0 : performance.now() - this.#liveSinceMs;
    this.#liveSinceMs = undefined;
    this.#set('retrying', problem);
    this.#timer = setTimeout(() => void this.start(), this.#backoff.nextDelayMs(workedMs));
  }

  #fail(problem: string): false {
    this.#problem = problem;
    this.#onChange();
    return false;
  }

  #set(state: PublishingState, problem?: string): void {
    this.#state = state;
    this.#problem = problem;
    this.#onChange();
  }

  #stopTracks(): void {
    for (const track of this.#media?.getTracks() ?? []) track.stop();
    this.#media = undefined;
  }
}
