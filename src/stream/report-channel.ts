import { maskUrlsIn } from '../shared/config/mask-url.js';
import type { ProcessReport } from '../shared/ipc/messages.js';

/**
 * So many reports may wait for a gateway that does not read, before another one of the type is left out. A gateway that
 * reads takes each at once. What is left out is said again (`status`, `heartbeat`), or of no use later (`overlay`).
 * What is not listed answers a request, or comes once in the life of a stream: it is never left out.
 */
const MAX_WAITING: Partial<Record<ProcessReport['type'], number>> = {
  overlay: 32,
  heartbeat: 32,
  'keyframe-wanted': 32,
  status: 64,
  event: 1000,
};

const PLAIN: readonly ProcessReport['type'][] = [
  ...([
    'overlay',
    'heartbeat',
    'media',
    'people',
    'media-released',
    'prepared',
    'receives',
    'keyframe-wanted',
  ] as const),
];

/** Sends reports to the gateway, without secrets, and without taking more and more memory while the gateway stands still. */
export class ReportChannel {
  readonly #write: (report: ProcessReport, onSent: () => void) => void;
  #waiting = 0;

  /**
   * Nothing waits at first.
   *
   * @param write - passes a report on; to call `onSent` once, when the system has taken it or it cannot be sent
   */
  constructor(write: (report: ProcessReport, onSent: () => void) => void) {
    this.#write = write;
  }

  /** Sends a report, or leaves it out where too much waits. */
  send(report: ProcessReport): void {
    if (this.#waiting >= (MAX_WAITING[report.type] ?? Number.POSITIVE_INFINITY)) return;
    this.#waiting++;
    this.#write(withoutSecrets(report), () => {
      this.#waiting--;
    });
  }
}

/** Whether it holds no text that could repeat a URL. */
function isPlain(report: ProcessReport): boolean {
  if (report.type === 'snapshot') return report.error === undefined;
  return PLAIN.includes(report.type);
}

/** Reasons and errors may repeat URLs as GStreamer names them; overlays and pictures hold no text, and are many. */
function withoutSecrets(report: ProcessReport): ProcessReport {
  if (isPlain(report)) return report;
  return JSON.parse(maskUrlsIn(JSON.stringify(report))) as ProcessReport;
}
