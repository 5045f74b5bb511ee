import type { StreamConfig } from '../shared/config/schema.js';
import type { RememberedPeople, RememberedTiles } from '../shared/domain/remembered-people.js';
import type { TrackId } from '../shared/domain/track.js';
import type { StreamReport } from '../shared/ipc/messages.js';
import { namesOf } from './backend/artwork.js';
import type { LivePlates } from './backend/live-plates.adapter.js';
import type { KnownFrame } from './pipeline.js';
import type { ChainListeners, ChainParts } from './pipeline-options.js';
import type { NamesByPerson } from './stages/assign/people-names.js';
import type { KnownBefore } from './stages/reid/identity-store.js';

/** What {@link StreamPeople} work with. */
export interface StreamPeopleOptions {
  /** Of the stream; follows changes. */
  readonly config: Pick<StreamConfig, 'reid' | 'people' | 'slots'>;
  /** Draws names. */
  readonly plates: Pick<LivePlates, 'show'>;
  /** Who was known to the run before. */
  readonly before?: RememberedPeople | undefined;
  /** Takes reports to the gateway. */
  readonly report: (report: StreamReport) => void;
  /** Told of each frame once its people are known. */
  readonly onKnown: NonNullable<ChainListeners['onKnown']>;
  /** Somebody has another name, or none any more. */
  readonly onNamed: (trackId: TrackId, name: string | undefined) => void;
}

/** Boxes are told in steps of a fiftieth of the picture. */
const BOX_STEPS = 50;
/** What is looked at of a frame; its picture may be gone by then. */
type FrameWithTiles = Pick<KnownFrame, 'slots' | 'hold' | 'tracks' | 'width' | 'height'>;

const NOBODY: NamesByPerson = new Map();

/** Who the people of a running stream are: names, the plates of them, and what the next run has to know. */
export class StreamPeople {
  readonly #options: StreamPeopleOptions;
  #names = NOBODY;
  #given = NOBODY;
  #keeper: { readonly memory: KnownBefore } | undefined;
  #sent = '';
  #frame: FrameWithTiles | undefined;

  constructor(options: StreamPeopleOptions) {
    this.#options = options;
  }

  /** Who was known to the run before, for the chain. */
  get before(): ChainParts['before'] {
    const { before, config } = this.#options;
    if (!before) return undefined;
    const isComparable = before.model === config.reid.model;
    const people = isComparable ? before.people.filter(({ faces }) => faces.length > 0) : [];
    return {
      nextTrackId: before.nextTrackId,
      ...(before.tiles && { tiles: before.tiles }),
      people: people.map(({ trackId, faces }) => ({
        trackId,
        faces: faces.map(({ embedding, quality }) => ({ embedding: decode(embedding), quality })),
      })),
      remembered: new Map(
        people.flatMap(({ trackId, name }) => (name === undefined ? [] : [[trackId, name] as const])),
      ),
    };
  }

  /** To be told by the chain. */
  get listeners(): Pick<ChainListeners, 'onNames' | 'onKeeper' | 'onKnown'> {
    return {
      onKnown: (frame) => {
        this.#frame = frame;
        this.#options.onKnown(frame);
      },
      onKeeper: (keeper) => {
        this.#keeper = keeper;
      },
      onNames: (names, given) => this.#rename(names, given),
    };
  }

  /** The name of a person, or else that of the tile in which they are shown. */
  nameOf(trackId: TrackId, slot?: number): string | undefined {
    const label = slot === undefined ? undefined : this.#options.config.slots.labels[slot]?.trim();
    return this.#names.get(trackId) ?? (label || undefined);
  }

  /** Draws the names that are wanted now. */
  draw(): void {
    const { config, plates } = this.#options;
    plates.show([...namesOf(config), ...this.#names.values()]);
  }

  /** Tells the gateway who is known, where that has changed. */
  send(): void {
    const people = this.#remembered();
    const text = JSON.stringify(people);
    if (text === this.#sent) return;
    this.#sent = text;
    this.#options.report({ type: 'people', people });
  }

  get #tiles(): RememberedTiles | undefined {
    if (!this.#frame) return undefined;
    const { slots, hold, tracks, width, height } = this.#frame;
    const { isLocked = false, pinned = [] } = hold ?? {};
    return {
      isLocked,
      tiles: slots.map((trackId) => {
        const box = tracks.find(({ id }) => id === trackId)?.box;
        if (trackId === undefined) return {};
        const place = box && {
          x: rounded(box.x / width),
          y: rounded(box.y / height),
          width: rounded(box.width / width),
          height: rounded(box.height / height),
        };
        return { trackId, ...(pinned.includes(trackId) && { isPinned: true }), ...(place && { box: place }) };
      }),
    };
  }

  #rename(names: NamesByPerson, given: NamesByPerson): void {
    const former = this.#names;
    this.#names = names;
    this.#given = given;
    this.draw();
    for (const trackId of new Set([...former.keys(), ...names.keys()])) {
      if (former.get(trackId) !== names.get(trackId)) this.#options.onNamed(trackId, names.get(trackId));
    }
    this.send();
  }

  #remembered(): RememberedPeople {
    const tiles = this.#tiles;
    const { nextTrackId, people } = this.#keeper?.memory ?? { nextTrackId: 1, people: [] };
    return {
      ...{ model: this.#options.config.reid.model, nextTrackId },
      people: people.map(({ trackId, faces }) => {
        const name = this.#given.get(trackId);
        const known = faces.map(({ embedding, quality }) => ({ embedding: encode(embedding), quality }));
        return { trackId, ...(name !== undefined && { name }), faces: known };
      }),
      ...(tiles && { tiles }),
    };
  }
}

/** Small movements of somebody who sits still are no news. */
const rounded = (fraction: number): number => Math.round(fraction * BOX_STEPS) / BOX_STEPS;

const encode = (embedding: Float32Array): string =>
  Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).toString('base64');

/** A copy: the buffer of a text is not aligned. */
const decode = (text: string): Float32Array => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
