import type { MediaPosition, StreamReport, WantedStream } from '../../shared/ipc/messages.js';
import type { RunListeners, StreamDestinations, StreamRun } from './stream-run.js';

/** What the next run of a stream is started with while the one before goes on, and what becomes of it. */
export interface Succession {
  /** Where it sends its media, as the run before does. */
  readonly destinations: StreamDestinations;
  /** What it is started with; it publishes nothing yet. */
  readonly wanted: WantedStream;
  /** Whether it shows what the stream shows, by one of its reports. */
  readonly isCaughtUp: (report: StreamReport) => boolean;
  /** Where the media of a run ended that died; undefined where that cannot be known. */
  readonly position: () => Promise<MediaPosition | undefined>;
  /** It is the run of the stream from now on. */
  readonly takeOver: () => void;
  /** The hand-over has ended: the former run is over, or goes on because the next one gave up. Called once. */
  readonly end: () => void;
}

/** What {@link handOver} does it with. */
export interface HandOverSteps {
  /** Goes on until this run is replaced. */
  readonly former: StreamRun;
  /** The next one. */
  readonly succession: Succession;
  /** Ends the media of the former run. Resolves with where it ended; undefined where it does not say so in time. */
  readonly release: () => Promise<MediaPosition | undefined>;
  /** Starts the next run, which is to send no media yet. */
  readonly start: (listeners: RunListeners) => StreamRun;
  /** Makes the next run that of the stream; reports that have come so far follow. */
  readonly replace: (successor: StreamRun) => void;
  /** A report of the next run after it took over. */
  readonly onReport: (report: StreamReport) => void;
  /** The next run gives no sign of life; after it took over. */
  readonly onSilent: () => void;
  /** Aborts where both runs are to end; who does that stops them. */
  readonly signal: AbortSignal;
}

/**
 * The next run has so long to show what the stream shows, ms: it opens networks and the source. A camera that allows one
 * session refuses it until then.
 */
const LIMIT_MS = 30_000;

/**
 * Lets the next run of a stream take over from the one that goes on: it starts beside it, opens the source for itself,
 * and takes over when it shows as much, or when the former one ends by itself. The former one ends its media with a
 * whole picture and says where; the next one goes on there with a keyframe, from the same ports and with the numbers
 * that follow, so that viewers see one stream. Targets are published to by one of them at a time: the former one ends
 * first.
 *
 * ```
 *   starting ──caught up, or former ended──▶ releasing ──position known──▶ ending the former ──▶ taken over
 *       │                                        └──unknown──▶ given up (the stream starts again)
 *       └──────ended, too late, aborted──▶ given up (the former goes on)
 * ```
 *
 * @returns whether it took over. Never rejects, unless a step throws.
 */
export async function handOver(steps: HandOverSteps): Promise<boolean> {
  const { former, succession, signal } = steps;
  let hasTakenOver = false;
  /** The newest of each type. */
  const early = new Map<StreamReport['type'], StreamReport>();
  let onCaughtUp: (result: true) => void = () => undefined;
  const caughtUp = new Promise<true>((resolve) => {
    onCaughtUp = resolve;
  });
  const successor = steps.start({
    onReport: (report) => {
      if (hasTakenOver) steps.onReport(report);
      else if (report.type === 'ready' || report.type === 'status') early.set(report.type, report);
      if (!hasTakenOver && succession.isCaughtUp(report)) onCaughtUp(true);
    },
    onOrigins: (origins) => succession.destinations.connect(origins),
    onSilent: () => hasTakenOver && steps.onSilent(),
  });
  const gaveUp = successor.ended.then(() => false);
  const isReplaced = await Promise.race([caughtUp, former.ended.then(() => true), gaveUp, after(LIMIT_MS, signal)]);
  const position = isReplaced && !signal.aborted ? await positionOf(steps) : undefined;
  if (!position || signal.aborted) {
    successor.stop();
    await successor.ended;
    return false;
  }
  hasTakenOver = true;
  successor.send({ type: 'send-media', position });
  steps.replace(successor);
  succession.takeOver();
  for (const report of early.values()) steps.onReport(report);
  former.stop();
  await former.ended;
  return true;
}

/** Where the media of the former run has ended. One that does not say so must be over: two would send at once. */
async function positionOf({ former, succession, release }: HandOverSteps): Promise<MediaPosition | undefined> {
  const released = await Promise.race([release(), former.ended.then(() => undefined)]);
  if (released) return released;
  former.stop();
  await former.ended;
  return succession.position();
}

/** Resolves with `false` after the time, or as soon as `signal` aborts. */
function after(ms: number, signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve(false);
    };
    const timer = setTimeout(end, ms);
    timer.unref();
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}
