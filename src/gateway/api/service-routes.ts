import { hasRole, mayUseStream } from '../access/caller.js';
import { openApiDocument } from './openapi.js';
import { route, type Route } from './route.js';
import { healthSchema, readinessSchema } from './schemas.js';

/** What readiness depends on, of a stream. */
export interface ReadyStream {
  /** Its name. */
  readonly id: string;
  /** Whether its process gives signs of life; a camera that is away is no matter of it. */
  readonly answers: boolean;
  /** As in the API. */
  readonly status: { readonly state: string };
}

/** What these routes need of the gateway. */
export interface ServiceRoutesContext {
  /** Version of the gateway, for the OpenAPI document. */
  readonly version: string;
  /** The other routes, for the OpenAPI page. */
  readonly routes: readonly Route[];
  /** What is served beside routes, for the OpenAPI page, by path. */
  readonly otherPaths: Readonly<Record<string, object>>;
  /** The metrics in the text format of Prometheus. */
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  /** Whether the media server runs and answers; false while it is started again. */
  mediaAnswers(): boolean;
  /** Every stream there is now. */
  streams(): readonly ReadyStream[];
  /** Whether a cluster is to run nothing here any more. @defaultValue no cluster */
  readonly isDraining?: () => boolean;
}

/** Health, readiness, metrics and the description of the API, for those who operate the gateway. */
export function serviceRoutes(context: ServiceRoutesContext): Route[] {
  const { metrics, version, routes } = context;
  const own: Route[] = [
    route({
      id: 'getHealth',
      role: 'none',
      tag: 'service',
      method: 'GET',
      path: '/healthz',
      summary: 'Whether the gateway runs',
      answer: { status: 200, description: 'It runs', schema: healthSchema },
      handle: () => ({ body: { status: 'ok' } }),
    }),
    readinessRoute(context),
    route({
      id: 'getMetrics',
      role: 'view',
      tag: 'service',
      method: 'GET',
      path: '/metrics',
      summary: 'Prometheus metrics',
      answer: { status: 200, description: 'Metrics as text', contentType: metrics.contentType },
      handle: async () => ({ body: await metrics.render() }),
    }),
    route({
      id: 'getOpenApi',
      role: 'none',
      tag: 'service',
      method: 'GET',
      path: '/openapi.json',
      summary: 'This description',
      answer: { status: 200, description: 'An OpenAPI 3.1 document', contentType: 'application/json' },
      handle: () => ({ body: openApiDocument([...routes, ...own], version, context.otherPaths) }),
    }),
  ];
  return own;
}

const readinessRoute = (context: ServiceRoutesContext): Route =>
  route({
    id: 'getReadiness',
    role: 'none',
    tag: 'service',
    method: 'GET',
    path: '/readyz',
    summary: 'Whether viewers can be served, and no process hangs',
    answer: { status: 200, description: 'They can be served', schema: readinessSchema },
    failures: [503],
    handle: ({ caller }) => {
      const media = context.mediaAnswers();
      // Which streams there are is for those who may see them.
      const streams = context.streams();
      const seen = streams.filter(({ id }) => hasRole(caller, 'view') && mayUseStream(caller, id));
      const silent = streams.filter(({ answers }) => !answers);
      const names = silent.map((stream) => (seen.includes(stream) ? `"${stream.id}"` : 'a stream'));
      const reasons = [
        ...(media ? [] : ['the media server is away or does not answer; it is replaced']),
        ...(silent.length === 0
          ? []
          : [`the process of ${[...new Set(names)].join(', ')} does not answer; it is replaced`]),
      ];
      if (context.isDraining?.() === true) reasons.push('this host gives its streams to others and takes none');
      const ready = reasons.length === 0;
      const states = Object.fromEntries(seen.map(({ id, status }) => [id, status.state]));
      return {
        status: ready ? 200 : 503,
        body: { ready, media, ...(!ready && { reason: reasons.join('; ') }), streams: states },
      };
    },
  });
