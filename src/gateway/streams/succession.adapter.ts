import { isShowing, type StreamStatus } from '../../shared/domain/stream-status.js';
import type { Succession } from './hand-over.adapter.js';
import type { StreamIngress } from './managed-stream-events.js';
import type { WantedAndRunning } from './wanted-and-running.adapter.js';

/** A stream whose run is replaced. */
export interface SuccessionOptions {
  /** Of the stream. */
  readonly wanted: WantedAndRunning;
  /** Where its media enters, whichever run sends it; absent where it has none. */
  readonly ingress: StreamIngress | undefined;
  /** What the stream shows now. */
  readonly status: () => StreamStatus;
  /** Another run answers from now on. */
  readonly takeOver: () => void;
  /** Whichever run goes on is to get what is wanted. */
  readonly end: () => void;
}

/** Statuses, one a second, in which a run that shows pictures may find fewer people than the one that it replaces. */
const PATIENCE_REPORTS = 5;

/**
 * What the next run of a stream is started with: the ingress that it goes on with, and what is wanted without targets.
 *
 * @throws where there is no ingress
 */
export function prepareSuccession({ wanted, ingress, status, takeOver, end }: SuccessionOptions): Succession {
  if (!ingress) throw new Error('the stream has no media to go on with');
  let shownReports = 0;
  return {
    destinations: ingress,
    wanted: wanted.forSuccessor(),
    isCaughtUp: (report) => {
      if (report.type !== 'status' || !isShowing(report.status.state)) return false;
      shownReports++;
      return report.status.people.length >= status().people.length || shownReports > PATIENCE_REPORTS;
    },
    position: () => ingress.position(),
    takeOver: () => {
      wanted.handOver();
      takeOver();
    },
    end,
  };
}
