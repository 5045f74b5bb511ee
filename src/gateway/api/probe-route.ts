import type { StreamStore } from '../state/stream-store.adapter.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { isBlock } from '../../shared/is-block.js';
import type { Prober } from '../probe/prober.adapter.js';
import { refuseCarriedSecrets } from './carried-secrets.js';
import { restoreSecrets } from './masked-config.js';
import { RefusedRequest } from './refused-request.js';
import { route, type Route } from './route.js';
import { probeBodySchema, probeResultSchema } from './schemas.js';

/** What this route needs of the gateway. */
export interface ProbeRouteContext {
  /** Knows what secrets and references stand for. */
  readonly store: Pick<StreamStore, 'resolveSource' | 'writtenOf'>;
  /** Opens the source. */
  readonly prober: Pick<Prober, 'probe'>;
}

/** The source cannot be opened as it is; the request itself was well formed. */
const UNPROCESSABLE = 422;

/** What a source sends, before anything is kept. */
export const probeRoute = ({ store, prober }: ProbeRouteContext): Route =>
  route({
    id: 'probeSource',
    role: 'admin',
    tag: 'sources',
    method: 'POST',
    path: '/api/v1/probe',
    summary:
      'Try a source without keeping anything: what it sends, which decoder a stream would take, and a picture. It is opened as a stream would open it, for at most 15 s',
    body: probeBodySchema,
    isBodyWritten: true,
    answer: { status: 200, description: 'What the source sends', schema: probeResultSchema },
    failures: [404, 422, 429, 503],
    handle: async ({ body, signal }) => {
      const { stream, ...written } = isBlock(body) ? body : {};
      if (stream !== undefined && typeof stream !== 'string') {
        throw new DiptychError(
          'DIPTYCH_E_BAD_INPUT',
          'stream: expected the name of a stream; leave it out for a new source',
        );
      }
      const current = stream === undefined ? undefined : store.writtenOf(stream)['source'];
      const restored = restoreSecrets(isBlock(body) ? written : body, current);
      refuseCarriedSecrets({ source: restored }, { source: current }, { source: written });
      const source = store.resolveSource(restored, stream);
      try {
        const { source: found, jpegBase64 } = await prober.probe(source, signal);
        return {
          body: { ...found, thumbnail: `data:image/jpeg;base64,${jpegBase64}` },
          headers: { 'cache-control': 'no-store' },
        };
      } catch (error) {
        throw asRefusal(error);
      }
    },
  });

/** The words and the code of a stream that has this source. */
function asRefusal(error: unknown): unknown {
  if (!(error instanceof DiptychError) || error.code === 'DIPTYCH_E_NOT_READY') return error;
  if (error instanceof RefusedRequest) return error;
  const { code, message } = error;
  return new RefusedRequest(message, { status: UNPROCESSABLE, code });
}
