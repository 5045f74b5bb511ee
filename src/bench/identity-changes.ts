import { iou } from '../shared/domain/box.js';
import { shownBox, type Track } from '../shared/domain/track.js';
import { median } from '../shared/percentile.js';
import { seededRandom } from '../shared/random.js';
import { SetTracker } from '../offline/set-tracker.js';
import type { EmbeddingRequest } from '../stream/domain/embedding.js';
import { rounded } from './measure.js';
import { fpsOf, makeFilm, type FilmKind, type FilmSet } from './made-people.js';
import { idf1, scoreFrame, type ScoredFrame } from './mot-score.js';

/** What films of one kind gave. */
export interface ChangesRow {
  /** What happens in them. */
  readonly film: FilmKind;
  /** Changes of who is where. */
  readonly changes: number;
  /** Until everybody concerned is right for good, s: median and worst; 0 where nothing changed. */
  readonly rightAgainS: { readonly median: number; readonly worst: number };
  /** Time for which somebody was shown under a wrong identity without a doubt, so that a wrong name was on air, s. */
  readonly wrongOnAirS: { readonly median: number; readonly worst: number };
  /** Identities given to people who had one already, and not taken back by the end of the film. */
  readonly freshIds: number;
  /** Suspicions told in a minute. */
  readonly suspicionsPerMin: number;
  /** IDF1, mean over the films, percent. */
  readonly idf1: number;
  /** Embeddings computed / detections associated. */
  readonly activationRatio: number;
}

/** What `diptych bench changes` prints. */
export interface ChangesResult {
  /** A row for each kind. */
  readonly films: readonly ChangesRow[];
  /** Whether each kind reaches what is required. */
  readonly met: Readonly<Record<string, boolean>>;
}

const KINDS = ['cut-exchange', 'cut-unseen', 'cut-reframe', 'stranger', 'weak', 'still', 'half-covered'] as const;
/** What is required. */
const MOST_CUT_S = 0.7;
const MOST_STRANGER_S = { median: 1.5, worst: 4 };
const WEAK = { idf1: 78, activation: 0.15 };
const MOST_STILL_ACTIVATION = 0.05;
/** Noise of an embedding, beside its length of 1: two of one person have a cosine of 0.77. */
const NOISE = 0.55;
const LENGTH = 64;
const MATCH_IOU = 0.5;

/**
 * Follows made-up people through cuts, replacements, a weak detector and a quiet minute.
 *
 * @param seeds - films of each kind
 */
export async function benchChanges(seeds: number): Promise<ChangesResult> {
  const films: ChangesRow[] = [];
  for (const kind of KINDS) {
    const runs: FilmRun[] = [];
    for (let seed = 1; seed <= (kind === 'weak' ? Math.ceil(seeds / 4) : seeds); seed += 1) {
      runs.push(await runFilm(kind, seed));
    }
    films.push(toRow(kind, runs));
  }
  const of = (kind: FilmKind): ChangesRow => films.find(({ film }) => film === kind)!;
  return {
    films,
    met: {
      cut: of('cut-exchange').rightAgainS.median <= MOST_CUT_S,
      cutUnseen: of('cut-unseen').rightAgainS.median <= MOST_CUT_S,
      strangerMedian: of('stranger').rightAgainS.median <= MOST_STRANGER_S.median,
      strangerWorst: of('stranger').rightAgainS.worst <= MOST_STRANGER_S.worst,
      weak: of('weak').idf1 >= WEAK.idf1 && of('weak').activationRatio <= WEAK.activation,
      still: of('still').activationRatio < MOST_STILL_ACTIVATION,
      halfCovered: of('half-covered').freshIds === 0,
    },
  };
}

interface FilmRun {
  readonly rightAgainS: readonly number[];
  readonly wrongOnAirS: readonly number[];
  readonly freshIds: number;
  readonly suspicions: number;
  readonly minutes: number;
  readonly idf1: number;
  readonly computed: number;
  readonly associated: number;
}

async function runFilm(kind: FilmKind, seed: number): Promise<FilmRun> {
  const fps = fpsOf(kind);
  const faces = new Faces(seed);
  const embed = (requests: readonly EmbeddingRequest[], { whose, covered }: FilmSet) =>
    requests.map((request) => {
      const at = request.detectionIndex;
      return { ...request, embedding: faces.look(whose[at]!, covered[at]!) };
    });
  const tracker = new SetTracker<FilmSet>({
    fps,
    embedder: { metric: 'cosine', embed },
    sketch: ({ sketch }) => sketch,
  });
  const judge = new FilmJudge();
  let suspicions = 0;
  for (const set of makeFilm(kind, seed)) {
    const { tracks, events } = await tracker.update(set);
    suspicions += events.filter(({ name }) => name === 'swap_suspected').length;
    judge.add(set, tracks);
  }
  const { computed = 0, matched = 0 } = tracker.counts ?? {};
  return { ...judge.verdict(), suspicions, minutes: judge.seconds / 60, computed, associated: matched };
}

/** Says of each change when everybody concerned was right again. */
class FilmJudge {
  /** The identity of each person: the first one that was theirs alone. */
  readonly #owned = new Map<number, number>();
  readonly #changes: { readonly people: readonly number[]; readonly atS: number; wrongS: number; onAirS: number }[] =
    [];
  readonly #frames: ScoredFrame[] = [];
  #lastIds = new Map<number, number>();
  #beforeS = 0;
  seconds = 0;

  add(set: FilmSet, tracks: readonly Track[]): void {
    const atS = set.ptsMs / 1000;
    const stepS = atS - this.#beforeS;
    this.#beforeS = atS;
    this.seconds = atS;
    if (set.changed.length > 0) this.#changes.push({ people: [...set.changed], atS, wrongS: 0, onAirS: 0 });
    const shown = tracks.filter(({ state }) => state === 'tracked');
    const result = shown.map((track) => ({ id: track.id, box: shownBox(track) }));
    this.#frames.push(
      scoreFrame(
        this.#frames.length + 1,
        set.truth.map((row) => ({ ...row, isIgnored: false })),
        result,
      ),
    );
    const change = this.#changes.at(-1);
    for (const { id: person, box } of set.truth) {
      const track = shown.find((one) => iou(shownBox(one), box) >= MATCH_IOU);
      if (!track) continue;
      const isAnothers = [...this.#owned].some(([other, id]) => other !== person && id === track.id);
      if (!this.#owned.has(person) && !isAnothers && track.doubt === undefined) this.#owned.set(person, track.id);
      this.#lastIds.set(person, track.id);
      const isRight =
        this.#owned.get(person) === track.id || track.mergedIds?.includes(this.#owned.get(person)!) === true;
      if (isRight || !change?.people.includes(person)) continue;
      change.wrongS = atS - change.atS + stepS;
      if (track.doubt === undefined) change.onAirS += stepS;
    }
  }

  verdict(): Pick<FilmRun, 'rightAgainS' | 'wrongOnAirS' | 'freshIds' | 'idf1'> {
    const fresh = [...this.#lastIds].filter(([person, id]) => this.#owned.get(person) !== id);
    return {
      rightAgainS: this.#changes.map(({ wrongS }) => wrongS),
      wrongOnAirS: this.#changes.map(({ onAirS }) => onAirS),
      freshIds: fresh.length,
      idf1: idf1(this.#frames),
    };
  }
}

/** Made-up faces: a direction for each person, and noise in each look. */
class Faces {
  readonly #random: () => number;
  readonly #people = new Map<number, Float32Array>();

  constructor(seed: number) {
    this.#random = seededRandom(1_000_003 + seed);
  }

  /** A look at somebody. @param covered - share of the face that shows something else */
  look(person: number, covered: number): Float32Array {
    const own = this.#people.get(person) ?? this.#direction();
    this.#people.set(person, own);
    const noise = this.#direction();
    const hand = this.#direction();
    return own.map((value, i) => value * (1 - covered) ** 2 + NOISE * noise[i]! + 1.4 * covered * hand[i]!);
  }

  #direction(): Float32Array {
    const values = Float32Array.from({ length: LENGTH }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
      return radius * Math.cos(2 * Math.PI * this.#random());
    });
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  }
}

function toRow(film: FilmKind, runs: readonly FilmRun[]): ChangesRow {
  const sum = (of: (run: FilmRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const rightAgain = runs.flatMap((run) => run.rightAgainS);
  const wrongOnAir = runs.flatMap((run) => run.wrongOnAirS);
  return {
    film,
    changes: rightAgain.length,
    rightAgainS: spread(rightAgain),
    wrongOnAirS: spread(wrongOnAir),
    freshIds: sum((run) => run.freshIds),
    suspicionsPerMin: rounded(sum((run) => run.suspicions) / sum((run) => run.minutes)),
    idf1: rounded((100 * sum((run) => run.idf1)) / runs.length),
    activationRatio: rounded(sum((run) => run.computed) / sum((run) => run.associated), 4),
  };
}

const spread = (values: readonly number[]): ChangesRow['rightAgainS'] =>
  values.length === 0
    ? { median: 0, worst: 0 }
    : { median: rounded(median(values)), worst: rounded(Math.max(...values)) };
