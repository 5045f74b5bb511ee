import { signal } from '@preact/signals';
import type { StreamView } from '../../shared/domain/stream-status.js';
import { ApiError, callApi } from '../api.js';
import { canOpenCameras, INSECURE_PAGE } from '../camera-error.js';
import { CameraPublisher, type PublishingState } from '../camera-publisher.js';
import { LevelMeter } from '../level-meter.js';
import { readSent, type SentBytes, type SentFigures, type StatsEntry } from '../sent-figures.js';
import { streamApi } from '../urls.js';

const TICK_MS = 1000;
const METER_MS = 80;
/** In place of the id of a microphone: silence. */
export const NO_MICROPHONE = 'none';

/** What a list of devices offers: id and name of each. */
export type DeviceOptions = readonly (readonly [string, string])[];

/** Sending this device's camera to a stream, as signals. */
export class PublishModel {
  /** Where it is. */
  readonly state = signal<PublishingState>('idle');
  /** What is wrong; absent where nothing is. */
  readonly problem = signal<string | undefined>(canOpenCameras() ? undefined : INSECURE_PAGE);
  /** What the camera gives; absent while it is not open. */
  readonly media = signal<MediaStream | undefined>(undefined);
  /** Cameras of this device. */
  readonly cameras = signal<DeviceOptions>([['', 'First camera']]);
  /** Microphones of this device, and none. */
  readonly microphones = signal<DeviceOptions>([['', 'First microphone']]);
  /** The camera that is used or will be. */
  readonly camera = signal('');
  /** The microphone that is used or will be. */
  readonly microphone = signal('');
  /** Of the microphone, from 0 to 1. */
  readonly level = signal(0);
  /** What is sent. */
  readonly figures = signal<SentFigures>({});
  /** The stream as the gateway tells it; absent while it does not answer. */
  readonly view = signal<StreamView | undefined>(undefined);
  /** There is no such stream. */
  readonly isMissing = signal(false);
  /** The button was pressed, and devices are being opened. */
  readonly isBusy = signal(false);
  readonly #streamId: string;
  readonly #publisher: CameraPublisher;
  #meter: LevelMeter | undefined;
  #bytes: SentBytes | undefined;
  #awake: WakeLockSentinel | undefined;

  constructor(streamId: string) {
    this.#streamId = streamId;
    this.#publisher = new CameraPublisher(streamId, () => this.#follow());
    addEventListener('pagehide', () => void this.#publisher.stop());
    setInterval(() => void this.#tick(), TICK_MS);
    setInterval(() => {
      this.level.value = this.#meter?.level ?? 0;
    }, METER_MS);
    void this.#listDevices();
    void this.#tick();
  }

  /** Starts, or stops. */
  async toggle(): Promise<void> {
    if (this.#publisher.state === 'idle') await this.#start();
    else await this.#publisher.stop();
  }

  /** Another device; what is being sent goes over to it. */
  async choose(device: 'camera' | 'microphone', id: string): Promise<void> {
    this[device].value = id;
    if (this.#publisher.state !== 'idle') await this.#start();
  }

  async #start(): Promise<void> {
    this.isBusy.value = true;
    try {
      const isOpen = await this.#publisher.open({ camera: this.camera.value, microphone: this.microphone.value });
      await this.#listDevices();
      if (isOpen) await this.#publisher.start();
    } finally {
      this.isBusy.value = false;
    }
  }

  #follow(): void {
    const { state, problem, media } = this.#publisher;
    this.state.value = state;
    this.problem.value = problem;
    if (this.media.value === media) return;
    this.media.value = media;
    if (media) this.#meter ??= new LevelMeter();
    this.#meter?.listen(media);
    void this.#keepAwake(media !== undefined);
  }

  /** Names are told once a camera was allowed. */
  async #listDevices(): Promise<void> {
    const devices = (await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices()) ?? [];
    const list = (kind: MediaDeviceKind, name: string): [string, string][] => {
      const named = devices
        .filter((device) => device.kind === kind && device.deviceId !== '')
        .map(({ deviceId, label }, index): [string, string] => [deviceId, label || `${name} ${index + 1}`]);
      return named.length > 0 ? named : [['', `First ${name.toLowerCase()}`]];
    };
    const used = (kind: string): string | undefined =>
      this.media.value
        ?.getTracks()
        .find((track) => track.kind === kind)
        ?.getSettings().deviceId;
    this.cameras.value = list('videoinput', 'Camera');
    this.microphones.value = [...list('audioinput', 'Microphone'), [NO_MICROPHONE, 'No microphone']];
    this.camera.value = stillThere(used('video') ?? this.camera.value, this.cameras.value);
    if (this.microphone.value !== NO_MICROPHONE) {
      this.microphone.value = stillThere(used('audio') ?? this.microphone.value, this.microphones.value);
    }
  }

  async #tick(): Promise<void> {
    const stats = await this.#publisher.stats();
    const entries: StatsEntry[] = [];
    stats?.forEach((entry: StatsEntry) => entries.push(entry));
    const { figures, sent } = readSent(entries, this.#bytes);
    this.figures.value = figures;
    this.#bytes = sent;
    try {
      this.view.value = await callApi<StreamView>('GET', streamApi(this.#streamId));
      this.isMissing.value = false;
    } catch (error) {
      this.view.value = undefined;
      this.isMissing.value = error instanceof ApiError && error.status === 404;
    }
  }

  /** The screen of a phone stays on while it sends. */
  async #keepAwake(isWanted: boolean): Promise<void> {
    const { wakeLock } = navigator as { readonly wakeLock?: WakeLock };
    try {
      if (isWanted) this.#awake ??= await wakeLock?.request('screen');
      else {
        await this.#awake?.release();
        this.#awake = undefined;
      }
    } catch {
      // Not given in a page that nobody sees, or on low battery: it sends all the same.
    }
  }
}

const stillThere = (id: string, options: DeviceOptions): string =>
  options.some(([value]) => value === id) ? id : (options[0]?.[0] ?? '');
