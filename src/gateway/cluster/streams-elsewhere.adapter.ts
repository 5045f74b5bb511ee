import { machineReferences } from '../../shared/config/references.adapter.js';
import { streamSchema, type StreamConfig } from '../../shared/config/schema.js';
import { statusError } from '../../shared/domain/status-error.js';
import type { StreamView } from '../../shared/domain/stream-status.js';
import { completeStream } from '../state/complete-stream.js';
import { initialStatus } from '../streams/initial-status.js';
import type { ClusterPeers, PeerAnswer } from './cluster-peers.adapter.js';
import type { ClusterView, WantedRecord } from './cluster-view.js';
import type { SealedText } from './sealed-text.adapter.js';
import type { StreamPlace } from './stream-place.js';

/** What {@link StreamsElsewhere} needs. */
export interface StreamsElsewhereOptions {
  /** Which streams there are. */
  readonly view: ClusterView;
  /** Asks the hosts that run them. */
  readonly peers: Pick<ClusterPeers, 'ask'>;
  /** Opens configurations: those of streams that nobody runs. */
  readonly sealed: SealedText;
  /** Where a stream is; absent where it runs here. */
  readonly placeOf: (streamId: string) => StreamPlace | undefined;
}

/** A stream that does not run here, as far as it is known. */
export class StreamsElsewhere {
  readonly #options: StreamsElsewhereOptions;
  readonly #configs = new Map<string, { readonly revision: number; readonly config: StreamConfig }>();

  constructor(options: StreamsElsewhereOptions) {
    this.#options = options;
  }

  /** Every stream of the cluster that does not run here. Never rejects. */
  async list(): Promise<readonly StreamView[]> {
    const { view, peers, placeOf } = this.#options;
    const answers = await peers.ask();
    for (const id of this.#configs.keys()) if (!view.streams.has(id)) this.#configs.delete(id);
    return [...view.streams.values()].flatMap((wanted) => {
      const place = placeOf(wanted.id);
      return place ? [this.#viewOf(wanted, place, answers)] : [];
    });
  }

  #viewOf(wanted: WantedRecord, place: StreamPlace, answers: ReadonlyMap<string, PeerAnswer>): StreamView {
    if ('reason' in place) {
      const error = statusError({ code: 'DIPTYCH_E_PENDING', message: place.reason });
      return { ...this.#known(wanted), state: 'pending', error };
    }
    const { streams, problem } = answers.get(place.host) ?? {};
    const told = streams?.get(wanted.id);
    if (told && problem === undefined) return { ...told, host: place };
    const message =
      problem === undefined ? `${place.host} begins with it` : `${place.host} does not answer (${problem})`;
    const error = statusError({ code: 'DIPTYCH_E_NOT_READY', message });
    return { ...this.#known(wanted), ...told, host: place, state: 'connecting', error };
  }

  /** What its configuration says. */
  #known(wanted: WantedRecord): StreamView {
    return { id: wanted.id, viewers: 0, ...initialStatus(this.#configOf(wanted)) };
  }

  #configOf({ id, revision, sealed: text = '' }: WantedRecord): StreamConfig {
    const known = this.#configs.get(id);
    if (known?.revision === revision) return known.config;
    let config: StreamConfig;
    try {
      const written: unknown = JSON.parse(this.#options.sealed.open(text, id));
      ({ config } = completeStream(written, machineReferences(process.env)));
    } catch {
      // Whoever is to run it tells what is wrong with it.
      config = streamSchema.parse({ id, source: { url: 'test:' } });
    }
    this.#configs.set(id, { revision, config });
    return config;
  }
}
