import { changedOptions } from '../../shared/config/changed-options.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import type { NumberedShot } from '../../shared/domain/shot.js';
import type { SlotAction } from '../../shared/domain/slot-action.js';
import type { WantedStream, WantedTarget } from '../../shared/ipc/messages.js';

/** A target that runs. */
export interface RunningTarget extends WantedTarget {
  /** It was told to end, and has not yet. */
  readonly isEnding: boolean;
}

/** What makes a recording what it is; with another of these it begins anew, in another segment. */
export interface RecordSettings extends Pick<WantedStream['config']['record'], 'segmentS' | 'segmentMb'> {
  /** Name of the stream, and of the folder of its segments. */
  readonly stream: string;
}

/** A recording that runs. */
export interface RunningRecording extends RecordSettings {
  /** It was told to end, and has not yet. */
  readonly isEnding: boolean;
}

/** What runs of a stream, as far as it can be changed while it runs. */
export interface RunningState {
  /** Those that are ending included. */
  readonly targets: readonly RunningTarget[];
  /** Absent where the stream is not recorded. */
  readonly recording?: RunningRecording | undefined;
  /** Number of the last action that was done or refused; 0 before the first one. */
  readonly slotAction: number;
  /** Whether people keep their tiles. */
  readonly isLocked: boolean;
  /** Number of the shot that was asked for last; absent where the rules decide. */
  readonly shotNumber?: number | undefined;
  /** Its `targets` are not read. */
  readonly config: StreamConfig;
}

/** One step from what runs to what is wanted. */
export type ReconcileStep =
  | { readonly type: 'end-target'; readonly id: string }
  | { readonly type: 'start-target'; readonly target: WantedTarget }
  /** Options that are read anew by those who use them. */
  | { readonly type: 'set-options'; readonly config: StreamConfig; readonly changed: readonly string[] }
  | { readonly type: 'set-bitrate'; readonly bitrateKbps: number }
  | { readonly type: 'end-recording' }
  | { readonly type: 'start-recording'; readonly settings: RecordSettings }
  /** It is opened beside the one that is shown, and shown from its first picture. */
  | { readonly type: 'set-source'; readonly source: StreamConfig['source'] }
  /** `undefined` lets the rules decide. */
  | { readonly type: 'shot'; readonly shot: NumberedShot | undefined }
  /** `number` is absent where the step restores a state. */
  | { readonly type: 'slots'; readonly action: SlotAction; readonly number?: number };

/** What {@link reconcile} found. */
export interface Reconciliation {
  /** To be done in their order. */
  readonly steps: readonly ReconcileStep[];
  /** No target and no recording runs that is not wanted, those that are ending included. */
  readonly isReached: boolean;
}

/**
 * What brings `running` to `wanted`. A target that changed is ended first; the new one of its name, or
 * of its address, is started once the old one has ended: a server refuses a second publisher. Called
 * again after each change of either side, it converges; where both agree there are no steps.
 */
export function reconcile({ targets, slots, config, shot }: WantedStream, running: RunningState): Reconciliation {
  const isWanted = (target: RunningTarget): boolean => targets.some((wanted) => isSame(wanted, target));
  const ends = running.targets.filter((target) => !target.isEnding && !isWanted(target));
  const blocks = running.targets.filter((target) => target.isEnding || !isWanted(target));
  const starts = targets.filter(
    (wanted) =>
      !running.targets.some((target) => isSame(wanted, target)) &&
      !blocks.some((target) => target.id === wanted.id || isSamePlace(target, wanted)),
  );
  return {
    steps: [
      ...ends.map(({ id }): ReconcileStep => ({ type: 'end-target', id })),
      ...starts.map((target): ReconcileStep => ({ type: 'start-target', target })),
      ...optionSteps(config, running.config),
      ...recordingSteps(config, running.recording),
      ...slotSteps(slots, running),
      ...(shot?.number === running.shotNumber ? [] : [{ type: 'shot', shot } as const]),
    ],
    isReached: blocks.length === 0 && !isOutdated(config, running.recording),
  };
}

/**
 * Options that can be changed while the stream runs. With one that cannot, none is: the stream is started anew, with
 * all of them.
 */
function optionSteps(wanted: StreamConfig, running: StreamConfig): ReconcileStep[] {
  const { live, restart } = changedOptions({ ...running, targets: [] }, { ...wanted, targets: [] });
  if (live.length === 0 || restart.length > 0) return [];
  const {
    source,
    output: { bitrateKbps },
  } = wanted;
  const isSourceChanged = live.some((name) => name.startsWith('source.'));
  return [
    { type: 'set-options', config: wanted, changed: live },
    ...(isSourceChanged ? [{ type: 'set-source', source } as const] : []),
    ...(live.includes('output.bitrateKbps') ? [{ type: 'set-bitrate', bitrateKbps } as const] : []),
  ];
}

type RecordedStream = Pick<StreamConfig, 'id' | 'record'>;

function recordingSteps(wanted: RecordedStream, running: RunningRecording | undefined): ReconcileStep[] {
  const {
    id: stream,
    record: { enabled, segmentS, segmentMb },
  } = wanted;
  if (running === undefined) {
    return enabled ? [{ type: 'start-recording', settings: { stream, segmentS, segmentMb } }] : [];
  }
  return isOutdated(wanted, running) && !running.isEnding ? [{ type: 'end-recording' }] : [];
}

/** Whether a recording runs that is not wanted, or not like this; one that is ending is not. */
const isOutdated = (
  { id, record: { enabled, segmentS, segmentMb } }: RecordedStream,
  running: RunningRecording | undefined,
): boolean =>
  running !== undefined &&
  (running.isEnding ||
    !enabled ||
    running.stream !== id ||
    running.segmentS !== segmentS ||
    running.segmentMb !== segmentMb);

function slotSteps({ isLocked, actions }: WantedStream['slots'], running: RunningState): ReconcileStep[] {
  const due = actions.filter(({ number }) => number > running.slotAction);
  const unlocks = due.some(({ action }) => action.action === 'unlock');
  const steps = due.map(({ number, action }): ReconcileStep => ({ type: 'slots', action, number }));
  const isLockedThen = running.isLocked && !unlocks;
  if (isLocked !== isLockedThen) steps.push({ type: 'slots', action: { action: isLocked ? 'lock' : 'unlock' } });
  return steps;
}

const isSame = (wanted: WantedTarget, running: WantedTarget): boolean =>
  wanted.id === running.id && isSamePlace(wanted, running);

const isSamePlace = (one: WantedTarget, other: WantedTarget): boolean => one.url === other.url && one.key === other.key;
