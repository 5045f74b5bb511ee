import type { Size } from '../../../shared/domain/box.js';
import type { AskedShot, HeldShot, ShotKind, ShotPreset, ShotReason } from '../../../shared/domain/shot.js';
import type { SlotAssignment, Track, TrackId } from '../../../shared/domain/track.js';
import type { HeadFraming } from '../../domain/head-crop.js';
import type { Shot } from '../../domain/shot.js';
import { SHOT_PRESET_NUMBERS, type PresetNumbers } from '../../domain/shot-presets.js';
import type { TileSetting } from './closeness.js';
import { lookRooms } from './look-room.js';
import { Newcomers } from './newcomers.js';
import { PairStates } from './pair-states.js';
import { PersonMotion } from './person-motion.js';
import { Unrest } from './unrest.js';

/** When shots change. */
export interface ShotGrammarOptions {
  /**
   * A shot lasts at least this long, s, ≥ 0, unless a tile would show nobody, or two tiles the same person. Higher
   * is calmer, lower follows sooner what happens. @defaultValue 2
   */
  readonly minS?: number;
  /** How calmly shots change; how far tiles lead people. @defaultValue normal */
  readonly preset?: ShotPreset;
  /** The composed picture, pixels. */
  readonly output: Size;
  /** How heads lie in tiles. @defaultValue as in {@link HeadFraming} */
  readonly framing?: HeadFraming;
}

/** What the grammar needs of one frame. */
export interface ShotInput extends Size {
  /** Milliseconds, rising. */
  readonly ptsMs: number;
  /** People in the frame. */
  readonly tracks: readonly Track[];
  /** Who has which slot, from left to right. */
  readonly slots: SlotAssignment;
  /** Who is not shown alone, nor taken to be behind somebody. @defaultValue nobody */
  readonly leftOut?: ReadonlySet<TrackId>;
}

/** A shot of the rules, or one that was asked for. */
type Choice = Pick<Shot, 'kind' | 'reason' | 'groups'>;
type RuledShot = Choice & Pick<Shot, 'sincePtsMs'>;

/** Somebody without a track is remembered for this long, s: they may be found again under another id. */
const REMEMBER_S = 5;
/** Somebody behind another person is taken to be there for this long, s. */
const HIDDEN_S = 5;
/** Somebody without a slot who is shown alone by hand is held for this long, s, when nobody sees them. */
const HOLD_ALONE_S = 1.5;

/**
 * Decides how people are shown, as a director would: each in a tile of their own (`split`) while they are apart,
 * in one frame (`together`) as soon as their tiles would show the same part of the scene, the whole scene (`wide`)
 * while somebody comes in and while nobody is there, one person alone (`single`) when the others have gone.
 *
 * A shot lasts at least `minS`, with two exceptions: two tiles never show the same person, and no tile stays with
 * nobody. Where people come and go too quickly for that, the whole scene is shown until they are calmer. Time is the
 * frames' PTS. No clock, no I/O.
 */
export class ShotGrammar {
  readonly #options: ShotGrammarOptions;
  readonly #people = new Map<TrackId, PersonMotion>();
  readonly #newcomers = new Newcomers();
  readonly #pairs = new PairStates();
  /** Who is in the shot, from left to right. */
  #shown: readonly TrackId[] = [];
  /** What the rules ask for, whether it is shown or not. */
  #ruled: RuledShot | undefined;
  #shot: Shot | undefined;
  readonly #unrest = new Unrest();
  #nowS = Number.NEGATIVE_INFINITY;
  #asked: (AskedShot & { readonly sinceS: number }) | undefined;

  constructor(options: ShotGrammarOptions) {
    this.#options = options;
  }

  /** Somebody asks for a shot, from the next frame on; `undefined` lets the rules decide again. */
  ask(asked: AskedShot | undefined): void {
    this.#asked = asked && { ...asked, sinceS: this.#nowS };
  }

  /** Takes in one frame and decides; a PTS that does not rise is the same moment again. */
  update(input: ShotInput): Shot {
    this.#nowS = Math.max(this.#nowS, input.ptsMs / 1000);
    this.#updatePeople(input);
    const candidates = this.#candidates(input);
    const people = this.#admit(candidates);
    this.#newcomers.update(people, this.#people, input, this.#nowS);
    this.#endTaken();
    const asked = this.#asked && this.#shotAsked(this.#asked, people, input);
    this.#ruled = this.#since(asked ?? this.#decide(people, input, people.length < candidates.length), this.#ruled);
    this.#shown = people;
    const isUrgent = this.#ruled.groups.some((group) => this.#pairs.isUrgent(group));
    const shot = this.#since(this.#isRestless(this.#ruled) ? wide('busy') : this.#ruled, this.#shot);
    this.#shot = {
      kind: shot.kind,
      reason: shot.reason,
      groups: shot.groups,
      sincePtsMs: shot.sincePtsMs,
      looks: lookRooms(shot.groups, this.#people, this.#setting(shot.groups.flat().length, input)),
      isUrgent: isUrgent && shot.groups.length > 0,
      ...(this.#asked?.action === 'hold' && { held: heldShot(this.#asked, shot.groups) }),
      ...(this.#options.preset && { preset: this.#options.preset }),
    };
    return this.#shot;
  }

  /** The shot, and since when it has been the same. */
  #since(choice: Choice, before: RuledShot | undefined): RuledShot {
    const { kind, reason, groups } = choice;
    const isSame = before?.kind === kind && sizes(before.groups) === sizes(groups);
    return { kind, reason, groups, sincePtsMs: isSame ? before.sincePtsMs : this.#nowS * 1000 };
  }

  /** Whether the rules change their shots too often to be followed; what is asked for by hand is shown. */
  #isRestless({ kind, groups, reason }: RuledShot): boolean {
    if (reason === 'by_hand') {
      this.#unrest.reset();
      return false;
    }
    const areTiles = (this.#shot?.groups.length ?? 0) > 1;
    return this.#unrest.update({
      shot: `${kind} ${sizes(groups)}`,
      isWide: kind === 'wide',
      isJoining: areTiles && groups.some(({ length }) => length > 1),
      standingS: Math.min(...this.#shown.map((id) => this.#people.get(id)!.stillS)),
      nowS: this.#nowS,
      pace: this.#numbers.times.minS,
    });
  }

  /** Whether the shot of the rules has lasted long enough. */
  get #mayChange(): boolean {
    return this.#ruled === undefined || this.#nowS - this.#ruled.sincePtsMs / 1000 >= this.#minS;
  }

  get #minS(): number {
    return (this.#options.minS ?? 2) * this.#numbers.times.minS;
  }

  get #numbers(): PresetNumbers {
    return SHOT_PRESET_NUMBERS[this.#options.preset ?? 'normal'];
  }

  #updatePeople({ tracks, slots }: ShotInput): void {
    const byId = new Map(tracks.filter(({ state }) => state !== 'removed').map((track) => [track.id, track]));
    for (const [id, person] of this.#people) {
      person.update(byId.get(id), this.#nowS, this.#numbers);
      const isGone = !byId.has(id) && !slots.includes(id) && person.unseenS > REMEMBER_S;
      if (isGone) this.#people.delete(id);
    }
    for (const [id, track] of byId) {
      if (!this.#people.has(id)) this.#people.set(id, new PersonMotion(track, this.#nowS));
    }
  }

  /** Who is to be in the shot: those with a slot who have not walked out, and those hidden behind them. */
  #candidates({ slots, leftOut, ...picture }: ShotInput): readonly TrackId[] {
    const present = slots.filter(
      (id) => id !== undefined && this.#people.get(id)?.hasWalkedOut(picture) === false,
    ) as readonly TrackId[];
    const hidden = this.#shown.filter(
      (id) => !slots.includes(id) && leftOut?.has(id) !== true && this.#isHidden(id, present),
    );
    const free = Math.max(0, this.#shown.length - present.length);
    return [...present, ...hidden.slice(0, free)];
  }

  /** Who is in the shot from now on: more people than before wait until the shot may change. */
  #admit(all: readonly TrackId[]): readonly TrackId[] {
    if (this.#mayChange || (this.#shown.length > 0 && all.length <= this.#shown.length)) return all;
    return all.filter((id) => this.#shown.includes(id));
  }

  /** Whether somebody who has lost their slot may be behind one of those present, and has not been found again. */
  #isHidden(id: TrackId, present: readonly TrackId[]): boolean {
    const person = this.#people.get(id);
    if (!person || person.unseenS > HIDDEN_S) return false;
    return present.some((other) => this.#shown.includes(other) && this.#people.get(other)!.isNear(person));
  }

  /** What is taken lasts as long as every shot. */
  #endTaken(): void {
    if (this.#asked?.action === 'take' && this.#nowS - this.#asked.sinceS >= this.#minS) this.#asked = undefined;
  }

  /** The shot that was asked for; `undefined` while these people cannot be shown like that. */
  #shotAsked({ kind, trackId }: AskedShot, people: readonly TrackId[], input: ShotInput): Choice | undefined {
    const reason = 'by_hand';
    if (kind === 'wide') return wide(reason);
    const isLeftOut = trackId !== undefined && input.leftOut?.has(trackId) === true;
    if (kind === 'single') return this.#alone(people, isLeftOut ? undefined : trackId);
    if (people.length < 2) return undefined;
    this.#updatePairs(people, input, true);
    if (kind === 'together') return { kind, reason, groups: [this.#pairs.inOrder(people)] };
    // Two tiles never show the same person.
    return this.#pairs.isUrgent(people) ? undefined : { kind, reason, groups: people.map((id) => [id]) };
  }

  /** One person by hand: who is asked for, with a slot or without, else who was shown, else who is nearest. */
  #alone(people: readonly TrackId[], asked: TrackId | undefined): Choice | undefined {
    const [kind, reason] = ['single', 'by_hand'] as const;
    const isThere = asked !== undefined && (this.#people.get(asked)?.unseenS ?? Infinity) <= HOLD_ALONE_S;
    if (isThere) return { kind, reason, groups: [[asked]] };
    if (people.length === 0) return undefined;
    const size = (id: TrackId): number => this.#people.get(id)!.head.height;
    const nearest = people.reduce((most, id) => (size(id) > size(most) ? id : most));
    // Whoever was shown stays, however sizes change.
    const before = this.#ruled?.reason === reason && kind === this.#ruled.kind ? this.#ruled.groups[0]?.[0] : undefined;
    const shown = [asked, before].find((id) => id !== undefined && people.includes(id)) ?? nearest;
    return { kind, reason, groups: [[shown]] };
  }

  #updatePairs(people: readonly TrackId[], picture: Size, mayChange: boolean): void {
    this.#pairs.update(people, this.#people, {
      nowS: this.#nowS,
      mayChange,
      isNew: (id) => !this.#shown.includes(id),
      setting: this.#setting(Math.max(2, people.length), picture),
    });
  }

  /** The tiles of so many people, side by side. */
  #setting(count: number, picture: Size): TileSetting {
    const { output, framing = {} } = this.#options;
    return { tile: { width: output.width / count, height: output.height }, picture, framing };
  }

  /**
   * The shot by the rules.
   *
   * @param isWaiting - whether there are more people, who wait until the shot may change
   */
  #decide(people: readonly TrackId[], input: ShotInput, isWaiting: boolean): Choice {
    const isWide = this.#ruled?.kind === 'wide';
    if (people.length === 0) return wide(isWaiting ? 'too_soon' : 'nobody');
    const isEntering = people.some((id) => this.#newcomers.isEntering(id));
    if (isWide && !this.#mayChange) return wide(isEntering ? 'entering' : 'too_soon');
    if (isEntering && (isWide || this.#mayChange)) return wide('entering');
    const isSplit = this.#ruled?.kind === 'split' || this.#ruled?.kind === 'together';
    if (!isSplit) this.#pairs.reset();
    this.#updatePairs(people, input, this.#mayChange || !isSplit);
    const groups = this.#pairs.groups(people);
    if (people.length === 1) return { kind: 'single', reason: isWaiting ? 'too_soon' : 'alone', groups };
    const kind: ShotKind = groups.length === 1 ? 'together' : 'split';
    const reason: ShotReason = kind === 'split' ? 'apart' : this.#pairs.reason(people);
    return { kind, reason, groups };
  }
}

const wide = (reason: ShotReason): Choice => ({ kind: 'wide', reason, groups: [] });

function heldShot({ kind, trackId }: AskedShot, shown: Shot['groups']): HeldShot {
  if (trackId === undefined) return { kind };
  return { kind, trackId, ...(!shown.flat().includes(trackId) && { isMissing: true }) };
}

const sizes = (groups: Shot['groups']): string => groups.map(({ length }) => length).join();
