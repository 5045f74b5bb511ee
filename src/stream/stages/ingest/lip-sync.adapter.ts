import type { Graph } from '../../gst/graph.adapter.js';

/** Receives RTP in the graph of pipelines/ingest-rtsp.launch; rtspsrc names it so. */
const RECEIVER = 'manager';
/**
 * How long after the start corrections of lip sync are made at once, ms. The jitter buffers need 2 s from the first
 * packet of a track to learn when its packets come; a first packet that is late, on a busy machine, is what they
 * believe until then. Cameras report their clock every 5 s.
 */
const LEARNING_MS = 8000;
/**
 * Later corrections are spread over frames and packets, by so much each, ns: by 25 ms a second at 25 frames a second.
 * More is seen as a jump, less lets sound and pictures be apart for longer where one of them begins anew.
 */
const STEP_NS = 1_000_000;

/**
 * Corrections of lip sync, by the sender reports of a camera: at once while the clocks of its tracks are being learned,
 * slowly afterwards.
 *
 * An average over the reports (`ts-offset-smoothing-factor`) does not do it: it begins with the first report, which
 * comes while the clocks are being learned, and keeps pictures from their sound for as many reports as it averages.
 */
export class LipSync {
  readonly #graph: Pick<Graph, 'isOpen' | 'setProperty'>;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Corrects nothing by itself yet.
   *
   * @param graph - of pipelines/ingest-rtsp.launch
   */
  constructor(graph: Pick<Graph, 'isOpen' | 'setProperty'>) {
    this.#graph = graph;
  }

  /** The graph plays. */
  begin(): void {
    this.#timer = setTimeout(() => {
      if (this.#graph.isOpen) this.#graph.setProperty(RECEIVER, 'max-ts-offset-adjustment', STEP_NS);
    }, LEARNING_MS);
  }

  /** The graph is to be freed. Idempotent. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
