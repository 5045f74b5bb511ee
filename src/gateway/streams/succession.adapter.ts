import { isShowing, type StreamStatus } from '../../shared/domain/stream-status.js';
import type { Succession } from './hand-over.adapter.js';
import type { StreamIngress } from './managed-stream-events.js';
import type { WantedAndRunning } from './wanted-and-running.adapter.js';

/** A stream whose run is replaced. */
export interface SuccessionOptions {
  /** Of the stream. */
  readonly wanted: WantedAndRunning;
  /** Opens the ingress of the next run. */
  readonly createIngress: () => Promise<StreamIngress>;
  /** What the stream shows now. */
  readonly status: () => StreamStatus;
  /** The media of the stream comes through this ingress from now on. Returns the former one, to be closed later. */
  readonly takeOver: (ingress: StreamIngress) => StreamIngress | undefined;
  /** Whichever run goes on is to get what is wanted. */
  readonly end: () => void;
}

/** Statuses, one a second, in which a run that shows pictures may find fewer people than the one that it replaces. */
const PATIENCE_REPORTS = 5;

/**
 * What the next run of a stream is started with: an ingress of its own, and what is wanted without targets.
 *
 * @throws as `createIngress`
 */
export async function prepareSuccession(options: SuccessionOptions): Promise<Succession> {
  const { wanted, createIngress, status, takeOver, end } = options;
  const ingress = await createIngress();
  let unused: StreamIngress | undefined = ingress;
  let shownReports = 0;
  return {
    destinations: ingress,
    wanted: wanted.forSuccessor(),
    isCaughtUp: (report) => {
      if (report.type !== 'status' || !isShowing(report.status.state)) return false;
      shownReports++;
      return report.status.people.length >= status().people.length || shownReports > PATIENCE_REPORTS;
    },
    takeOver: () => {
      wanted.handOver();
      unused = takeOver(ingress);
    },
    end: () => {
      unused?.close();
      end();
    },
  };
}
