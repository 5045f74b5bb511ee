import { openApiDocument } from './openapi.js';
import { route, type Route } from './route.js';
import { healthSchema, readinessSchema } from './schemas.js';

/** What these routes need of the gateway. */
export interface ServiceRoutesContext {
  /** Version of the gateway, for the OpenAPI document. */
  readonly version: string;
  /** The other routes, for the OpenAPI page. */
  readonly routes: readonly Route[];
  /** The metrics in the text format of Prometheus. */
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  /** Whether the media server runs; false while it is started again. */
  isMediaUp(): boolean;
  /** State of each stream, by its name. */
  streamStates(): Readonly<Record<string, string>>;
}

/** Health, readiness, metrics and the description of the API, for those who operate the gateway. */
export function serviceRoutes(context: ServiceRoutesContext): Route[] {
  const { metrics, version, routes } = context;
  const own: Route[] = [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'Whether the gateway runs',
      answer: { status: 200, description: 'It runs', schema: healthSchema },
      handle: () => ({ body: { status: 'ok' } }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      summary: 'Whether viewers can be served',
      answer: { status: 200, description: 'They can be served', schema: readinessSchema },
      failures: [503],
      handle: () => {
        const media = context.isMediaUp();
        return { status: media ? 200 : 503, body: { ready: media, media, streams: context.streamStates() } };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      summary: 'Prometheus metrics',
      answer: { status: 200, description: 'Metrics as text', contentType: metrics.contentType },
      handle: async () => ({ body: await metrics.render() }),
    }),
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This description',
      answer: { status: 200, description: 'An OpenAPI 3.1 document', contentType: 'application/json' },
      handle: () => ({ body: openApiDocument([...routes, ...own], version) }),
    }),
  ];
  return own;
}
