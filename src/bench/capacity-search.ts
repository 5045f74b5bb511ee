import { FULL, type MachineShares } from '../shared/capacity/machine-shares.js';
import type { StreamState } from '../shared/domain/stream-status.js';

/** What is looked at of streams that ran at once. */
export interface StreamsUnderLoad {
  /** State at the end, and pictures a second that were new. */
  readonly streams: readonly { readonly state: StreamState; readonly newFps: number }[];
  /** The largest 95th percentile of the whole chain, ms. */
  readonly worstP95Ms: number;
}

/** When a number of streams counts as held. */
export interface HeldWhen {
  /** Pictures a second that each stream is asked for. */
  readonly fps: number;
  /** Share of them that the slowest stream must show, 0 … 1. @defaultValue 0.98 */
  readonly share?: number;
  /** Largest 95th percentile of the chain's delay, ms. @defaultValue 300 */
  readonly maxP95Ms?: number;
}

/** What was busy while a number of streams ran; shares are 0 … 1 of what there is. */
export interface MachineUse {
  /** Of all processor cores, by everything on the machine. */
  readonly cpu: number;
  /** Of one core, by the busiest main thread of a stream process. */
  readonly mainThread: number;
  /** Of the GPU, kernels; absent without one. */
  readonly gpu?: number;
  /** Of the GPU's video decoder; absent where the driver does not say. */
  readonly decoder?: number;
}

/** A number of streams that was tried. */
export interface CapacityTrial {
  /** At once. */
  readonly streams: number;
  /** Each had its pictures, in time. */
  readonly isHeld: boolean;
}

/** The steps between what is held and what is not become no finer than this share of what is held. */
const FINENESS = 0.05;

/** Whether every stream had its pictures, in time, and nothing was given up. */
export function isHeld(
  { streams, worstP95Ms }: StreamsUnderLoad,
  { fps, share = 0.98, maxP95Ms = 300 }: HeldWhen,
): boolean {
  return (
    worstP95Ms <= maxP95Ms && streams.every(({ state, newFps }) => state !== 'overloaded' && newFps >= share * fps)
  );
}

/** The most streams that were held below the fewest that were not; 0 where one is too many. */
export function heldStreams(trials: readonly CapacityTrial[]): number {
  const tooMany = Math.min(...trials.filter((trial) => !trial.isHeld).map(({ streams }) => streams));
  return Math.max(
    0,
    ...trials.filter(({ isHeld: held, streams }) => held && streams < tooMany).map((each) => each.streams),
  );
}

/**
 * The number of streams to try next: doubled until it is too many, halved between afterwards.
 *
 * @param most - never more than these
 * @returns `undefined` where the capacity is known as finely as it is looked for
 */
export function nextStreams(trials: readonly CapacityTrial[], most: number): number | undefined {
  if (trials.length === 0) return 1;
  const held = heldStreams(trials);
  const tooMany = Math.min(...trials.filter((trial) => !trial.isHeld).map(({ streams }) => streams));
  if (tooMany === Infinity) return held >= most ? undefined : Math.min(most, 2 * held);
  return tooMany - held <= Math.max(1, Math.floor(FINENESS * held)) ? undefined : Math.floor((held + tooMany) / 2);
}

/** What limits is not one more stream but a part of one: never counted as a whole one. */
const MOST_OF_ONE_MORE = 0.9;

/**
 * How many streams a machine holds, with what is left for a part of one more: where a part of the machine is full with
 * one more, the share that it had before says how much.
 *
 * @param held - streams
 * @param own - shares that the gateway took with so many
 * @param tooMany - what the machine was busy with at the fewest streams that were too many; absent: none were
 */
export function heldUnits(held: number, own: MachineShares, tooMany: MachineUse | undefined): number {
  const fullest = Math.max(own.cpu, own.memory, own.gpu ?? 0, own.decoder ?? 0);
  if (held === 0 || fullest === 0 || !tooMany || fullestOf(tooMany)[0] < FULL) return held;
  return Math.min(held + MOST_OF_ONE_MORE, Math.max(held, (held * FULL) / fullest));
}

/** What is full first where one stream more is too many, in words. */
export function limitOf(use: MachineUse): string {
  const [share, text] = fullestOf(use);
  return share >= FULL ? text : `nothing is full; most of all ${text}`;
}

function fullestOf({ cpu, mainThread, gpu = 0, decoder = 0 }: MachineUse): readonly [number, string] {
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  const parts: readonly (readonly [number, string])[] = [
    [decoder, `the GPU's video decoder is busy for ${percent(decoder)} of the time`],
    [gpu, `the GPU is busy for ${percent(gpu)} of the time`],
    [cpu, `${percent(cpu)} of all processor cores are busy`],
    [mainThread, `the main thread of a stream process is busy for ${percent(mainThread)} of the time`],
  ];
  return parts.reduce((most, part) => (part[0] > most[0] ? part : most));
}
