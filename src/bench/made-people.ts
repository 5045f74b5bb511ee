import type { Box, Point } from '../shared/domain/box.js';
import type { DetectionSet } from '../shared/domain/detection.js';
import { seededRandom } from '../shared/random.js';
import type { LumaSketch } from '../shared/domain/detection.js';
import type { Labelled } from './mot-score.js';

/** What happens in a film. */
export type FilmKind =
  /** A hard cut exchanges two people: each is about where the other was. */
  | 'cut-exchange'
  /** The same without a picture in which a cut could be seen. */
  | 'cut-unseen'
  /** A hard cut to another framing, which exchanges them half of the times. */
  | 'cut-reframe'
  /** Another person is where one was, from one frame to the next, in the same picture. */
  | 'stranger'
  /** Five minutes, people who pass each other, a detector that misses one in five and is twice as noisy, 10 a second. */
  | 'weak'
  /** Two people sit still for a minute. */
  | 'still'
  /** A hand covers half of a known face, so that it is found narrower, weaker, and on a new track. */
  | 'half-covered';

/** One set of a made-up film, with the truth. */
export interface FilmSet extends DetectionSet {
  /** Whom each detection shows. */
  readonly whose: readonly number[];
  /** How much of each face is covered, in [0, 1). */
  readonly covered: readonly number[];
  /** Everybody in sight. */
  readonly truth: readonly Labelled[];
  /** What happens in this set: who is concerned. */
  readonly changed: readonly number[];
  /** Small picture of the shot; absent in films without pictures. */
  readonly sketch?: LumaSketch;
}

/** How a film is made. */
interface Film {
  readonly fps: number;
  readonly lengthS: number;
  /** Share of people that the detector misses. */
  readonly missed: number;
  /** Standard deviation of the box, share of its side. */
  readonly jitter: number;
  /** Between changes, s: the least, and how much longer at most. */
  readonly everyS: readonly [number, number];
}

const STEADY: Film = { fps: 15, lengthS: 60, missed: 0.005, jitter: 0.012, everyS: [5, 3] };
const FILMS: Readonly<Record<FilmKind, Film>> = {
  'cut-exchange': STEADY,
  'cut-unseen': STEADY,
  'cut-reframe': STEADY,
  stranger: STEADY,
  weak: { fps: 10, lengthS: 300, missed: 0.2, jitter: 0.024, everyS: [Infinity, 0] },
  still: { ...STEADY, everyS: [Infinity, 0] },
  'half-covered': STEADY,
};

const SKETCH = { columns: 160, rows: 90, patch: 6 };
/** Nothing happens at the end, so that what is wrong by then stays wrong, s. */
const QUIET_END_S = 4;
/** For how long a hand stays before a face, s. */
const COVERED_S = 1.2;
/** Time between two meetings of the film with the weak detector, s. */
const MEETING_S = 12;

/** Sets a second of this film. */
export const fpsOf = (kind: FilmKind): number => FILMS[kind].fps;

/** A made-up film, the same for a seed on every machine. */
export function* makeFilm(kind: FilmKind, seed: number): Generator<FilmSet> {
  const film = FILMS[kind];
  const random = seededRandom(seed);
  const gauss = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const sketchOf = kind === 'cut-unseen' ? () => undefined : () => shotSketch(random);
  const stage = new Stage(random);
  let sketch = sketchOf();
  let nextS = film.everyS[0] + film.everyS[1] * random();
  let coveredUntilS = 0;
  for (let index = 0; index < film.lengthS * film.fps; index += 1) {
    const atS = index / film.fps;
    const changed: number[] = [];
    if (atS >= nextS && atS < film.lengthS - QUIET_END_S) {
      nextS = atS + film.everyS[0] + film.everyS[1] * random();
      if (kind === 'half-covered') coveredUntilS = atS + COVERED_S;
      else changed.push(...stage.change(kind));
      if (kind.startsWith('cut')) sketch = sketchOf();
    }
    const coverage = atS < coveredUntilS ? 0.5 : 0;
    const people = stage.people(atS, kind === 'weak' ? MEETING_S : undefined);
    const found = people.flatMap(({ id, box }, place) => {
      if (random() < film.missed || isHidden(box, people, place)) return [];
      const covered = place === 1 ? coverage : 0;
      // The first moments of a covered face are missed: the tracker begins anew.
      if (covered > 0 && coveredUntilS - atS > COVERED_S - 0.4) return [];
      return [{ id, covered, box: detected(box, film.jitter, covered, gauss), score: 0.86 * (1 - covered / 2) }];
    });
    yield {
      ptsMs: (index * 1000) / film.fps,
      detections: found.map(({ box, score }) => ({ box, score, kind: 'face' })),
      whose: found.map(({ id }) => id),
      covered: found.map(({ covered }) => covered),
      truth: people,
      changed,
      ...(sketch && { sketch }),
    };
  }
}

/** Who is where: two places, and people of different sizes. */
class Stage {
  readonly #random: () => number;
  #ids: [number, number] = [1, 2];
  #next = 3;
  #framing = { zoom: 1, x: 0, y: 0 };
  readonly #places: readonly [Point, Point];
  readonly #widths = new Map<number, number>();

  constructor(random: () => number) {
    this.#random = random;
    const place = (x: number): Point => ({ x: x + 200 * random(), y: 400 + 120 * random() });
    this.#places = [place(400), place(1100)];
  }

  /** Does what the film is about. @returns who is concerned */
  change(kind: FilmKind): readonly number[] {
    if (kind === 'stranger') {
      const place = this.#random() < 0.5 ? 0 : 1;
      this.#widths.set(this.#next, this.#widths.get(this.#ids[place])!);
      this.#ids[place] = this.#next++;
      return [this.#ids[place]];
    }
    if (kind === 'cut-reframe') {
      const zoom = 0.7 + 0.8 * this.#random();
      this.#framing = { zoom, x: 200 * this.#random() - 100, y: 160 * this.#random() - 80 };
      if (this.#random() < 0.5) return [];
    }
    this.#ids.reverse();
    return this.#ids;
  }

  people(atS: number, meetingS: number | undefined): readonly Labelled[] {
    const { zoom, x, y } = this.#framing;
    return this.#places.map((place, index) => {
      const sway = 14 * Math.sin(atS * (1.1 + 0.4 * index) + 2 * index);
      const id = this.#ids[index]!;
      const ownWidth = this.#widths.get(id) ?? 105 + 60 * this.#random();
      this.#widths.set(id, ownWidth);
      const width = ownWidth * zoom;
      const way = meetingS === undefined ? 0 : crossing(atS, meetingS);
      const other = this.#places[1 - index]!;
      const center = place.x + (other.x - place.x) * way - 960;
      return {
        id,
        box: {
          x: 960 + center * zoom + x + sway,
          y: 540 + (place.y - 540) * zoom + y + 0.4 * sway,
          width,
          height: 1.25 * width,
        },
      };
    });
  }
}

/** 0 at one's own place, 1 at the other's: a walk of 3 s every so often. */
function crossing(atS: number, everyS: number): number {
  const round = Math.floor(atS / everyS);
  const walked = Math.min(1, Math.max(0, (atS - round * everyS - everyS / 2) / 3));
  const way = walked * walked * (3 - 2 * walked);
  return round % 2 === 0 ? way : 1 - way;
}

/** Whoever is second stands behind, and is not found while half covered. */
function isHidden(box: Box, people: readonly Labelled[], place: number): boolean {
  const front = people[0]?.box;
  if (place === 0 || !front) return false;
  const shared = Math.min(box.x + box.width, front.x + front.width) - Math.max(box.x, front.x);
  return shared > 0.5 * box.width && Math.abs(box.y - front.y) < box.height / 2;
}

function detected({ x, y, width, height }: Box, jitter: number, covered: number, gauss: () => number): Box {
  const wide = width * Math.exp(jitter * gauss()) * (1 - covered / 2);
  return {
    x: x + (width - wide) * (covered > 0 ? 1 : 0.5) + jitter * width * gauss(),
    y: y + jitter * height * gauss(),
    width: wide,
    height: height * Math.exp(jitter * gauss()),
  };
}

/** Patches of brightness: each shot has others. */
function shotSketch(random: () => number): LumaSketch {
  const { columns, rows, patch } = SKETCH;
  const across = Math.ceil(columns / patch);
  const levels = Array.from({ length: across * Math.ceil(rows / patch) }, () => 20 + 210 * random());
  const luma = new Uint8Array(columns * rows);
  for (let index = 0; index < luma.length; index += 1) {
    const row = Math.floor(index / columns / patch);
    luma[index] = levels[row * across + Math.floor((index % columns) / patch)]!;
  }
  return { luma, columns };
}
