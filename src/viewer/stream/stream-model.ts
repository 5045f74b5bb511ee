import { batch, computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ShotAction } from '../../shared/domain/shot.js';
import type { LeaveOutAction, SlotAction, TileHold } from '../../shared/domain/slot-action.js';
import { isShowing, type StreamView } from '../../shared/domain/stream-status.js';
import type { OverlayFrame } from '../../shared/ipc/messages.js';
import type { Push } from '../../shared/signaling/protocol.js';
import { callApi } from '../api.js';
import { LivePicture } from '../live-picture.js';
import type { ReceptionStats } from '../media-receiver.js';
import { OverlayCanvas } from '../overlay-canvas.js';
import { OverlayTimeline } from '../overlay-timeline.js';
import { may } from '../session.js';
import { streamApi } from '../urls.js';
import type { Reception } from '../wording.js';
import { ByteRates } from './byte-rates.js';
import { EventFeed } from './event-feed.js';
import { History } from './history.js';
import type { ShownPerson } from './people-now.js';
import { tileBoxes, type TileBox } from './tile-geometry.js';

const TICK_MS = 500;
/** Tiles in a shared frame follow their people in steps of 2 % of the picture. */
const round = (part: number): number => Math.round(part * 50);

/** Everything that the page of one stream shows, as signals; fed by the WebSocket and by the video on screen. */
export class StreamModel {
  /** Name of the stream; changes where it is given another one. */
  readonly id: ReadonlySignal<string>;
  /** The picture, which reconnects by itself. */
  readonly picture: LivePicture;
  /** The status, as last told. */
  readonly view = signal<StreamView | undefined>(undefined);
  /** What the page knows about getting the picture. */
  readonly reception = signal<Reception>({ connection: 'connecting', isPlaying: false });
  /** What this browser receives. */
  readonly stats = signal<ReceptionStats>({});
  /** Unix time in ms; goes on twice a second. */
  readonly nowMs = signal(Date.now());
  /** What has happened, also before the page was opened. */
  readonly feed: EventFeed;
  /** Whether the gateway gives the configuration to whoever asks here, so that it can be edited. */
  readonly canEdit = signal(false);
  /** Who is in which tile of the picture on screen. */
  readonly tiles = signal<readonly TileBox[]>([]);
  /** Whose box is in the picture on screen, and in which tile; absent where it is not known. */
  readonly shown = signal<readonly ShownPerson[] | undefined>(undefined);
  /** Whether boxes are drawn over the picture. */
  readonly isOverlayOn = signal(true);
  /** Whether figures of the picture and of people hold: pictures of the camera come in, and arrive here. */
  readonly isCurrent = computed(() => {
    const view = this.view.value;
    return view !== undefined && this.reception.value.connection === 'open' && isShowing(view.state);
  });
  /** What people have fixed of the tiles; nothing while it is not known. */
  readonly hold = computed<TileHold>(() => {
    const tiles = this.isCurrent.value ? this.view.value?.tiles : undefined;
    return tiles ?? { isLocked: false, pinned: [] };
  });
  /** From the camera's packet to this screen, estimated, ms; absent while it is not known. */
  readonly delayMs = computed(() => {
    const { networkMs = 0, bufferMs, decodeMs = 0 } = this.stats.value;
    const hereMs = this.view.value?.latencyMs.total.p50 ?? 0;
    return !this.isCurrent.value || hereMs === 0 || bufferMs === undefined
      ? undefined
      : hereMs + networkMs + bufferMs + decodeMs;
  });
  /** Of the last ten minutes. */
  readonly history = new History();
  /** Of the targets. */
  readonly rates = new ByteRates();
  /** Where boxes are drawn; to be put over the picture. */
  readonly canvas = document.createElement('canvas');
  readonly #timeline = new OverlayTimeline();
  readonly #overlay: OverlayCanvas;
  #tilesKey = '';

  /** Connects at once. */
  constructor(streamId: string) {
    const id = signal(streamId);
    this.id = id;
    this.feed = new EventFeed(() => id.peek());
    this.canvas.className = 'overlay';
    this.canvas.setAttribute('aria-hidden', 'true');
    this.#overlay = new OverlayCanvas(this.canvas);
    this.picture = new LivePicture(streamId, {
      onChange: () => this.#follow(),
      onPush: (message) => this.#onPush(message),
      onRestart: () => this.#timeline.clear(),
      onRename: (to) => {
        id.value = to;
      },
      onFrame: (rtpTimestamp) => this.#onFrame(rtpTimestamp),
    });
    setInterval(() => void this.#tick(), TICK_MS);
    if (may('admin'))
      callApi('GET', streamApi(streamId, 'config')).then(
        () => (this.canEdit.value = true),
        () => undefined,
      );
  }

  /** Name of the stream, now. */
  get streamId(): string {
    return this.id.value;
  }

  /** Shows the boxes, or hides them. */
  setOverlay(isOn: boolean): void {
    this.isOverlayOn.value = isOn;
    this.canvas.hidden = !isOn;
    const view = this.view.value;
    if (!isOn && view) this.#overlay.draw(undefined, view.output);
  }

  /** Asks something of the tiles. @throws ApiError */
  async askOfTiles(action: SlotAction | LeaveOutAction): Promise<void> {
    await callApi('POST', streamApi(this.streamId, 'slots'), action);
    this.feed.wake();
  }

  /** Changes options of the stream: a merge patch. @throws ApiError */
  async changeOptions(patch: object): Promise<void> {
    await callApi('PATCH', streamApi(this.streamId), patch);
    this.feed.wake();
  }

  /** Asks something of the shot. @throws ApiError */
  async askOfShot(action: ShotAction): Promise<void> {
    await callApi('POST', streamApi(this.streamId, 'shot'), action);
    this.feed.wake();
  }

  #follow(): void {
    const { view, reception, retryInS } = this.picture;
    const before = this.view.value;
    if (view && view !== before) {
      this.rates.read(view.targets, performance.now());
      if (view.state !== before?.state) this.feed.wake();
    }
    this.view.value = view;
    this.reception.value = { ...reception, retryInS };
  }

  #onPush(message: Push): void {
    if (message.type === 'overlay') this.#timeline.add(message.overlay);
    if (message.type === 'event') this.feed.wake();
  }

  #onFrame(rtpTimestamp: number | undefined): void {
    const view = this.view.value;
    if (!view) return;
    const frame = this.#timeline.at(rtpTimestamp);
    if (this.isOverlayOn.value) this.#overlay.draw(frame, view.output);
    this.#showTiles(frame);
  }

  /** The tiles are those of the frame on screen, so that lists change with the picture and not a second later. */
  #showTiles(frame: OverlayFrame | undefined): void {
    const boxes: readonly ShownPerson[] | undefined = frame?.boxes;
    const shown = boxes?.map(({ trackId, name, slot }) => ({ trackId, name, slot }));
    const tiles = tileBoxes(frame, this.view.peek()?.output.width ?? 1);
    const key = JSON.stringify([
      shown,
      tiles.map((tile) => ({ ...tile, left: round(tile.left), width: round(tile.width) })),
    ]);
    if (key === this.#tilesKey) return;
    this.#tilesKey = key;
    batch(() => {
      this.tiles.value = tiles;
      this.shown.value = shown;
    });
  }

  async #tick(): Promise<void> {
    this.picture.tick();
    this.#follow();
    this.stats.value = await this.picture.stats();
    const nowMs = Date.now();
    if (!this.isCurrent.value) this.#showTiles(undefined);
    const { fps } = this.stats.value;
    this.history.add({
      timeS: Math.round(nowMs / 100) / 10,
      delayMs: this.delayMs.value,
      fps: this.isCurrent.value ? fps : undefined,
    });
    // After the history, which is looked at whenever this changes.
    this.nowMs.value = nowMs;
  }
}
