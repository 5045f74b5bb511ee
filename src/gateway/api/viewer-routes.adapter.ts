import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { describeFailure } from './http-errors.js';
import { framedBy } from './security-headers.adapter.js';
import type { SendPage } from './viewer-page.adapter.js';

/** What the pages are served with. */
export interface ViewerRoutesOptions {
  /** The built viewer: what the page loads. */
  readonly viewerDirectory: string;
  /** Sends the page. */
  readonly sendPage: SendPage;
  /** Whether there is a stream of this name: a page of another one is answered with 404. */
  readonly hasStream: (id: string) => boolean;
  /** Origins of pages that may hold the clean view in a frame; `*`: every page. */
  readonly frameAncestors: readonly string[];
  /** Origins of the pages of other hosts of the cluster, as they are now. @defaultValue none */
  readonly hostOrigins?: (() => readonly string[]) | undefined;
}

/** What the page loads is the same for everybody, and shows nothing of the streams. */
const ASSETS = '/assets/';

/** The pages of the viewer, and what they load. */
export async function addViewer(
  server: FastifyInstance,
  { viewerDirectory, sendPage, hasStream, frameAncestors, hostOrigins }: ViewerRoutesOptions,
): Promise<void> {
  server.addHook('onRoute', (route) => {
    if (route.url.startsWith(ASSETS)) route.config = { ...route.config, access: { role: 'none' } };
  });
  await server.register(fastifyStatic, {
    root: viewerDirectory,
    prefix: ASSETS,
    index: false,
    cacheControl: false,
    setHeaders: (reply) => {
      reply.header('cache-control', 'no-cache');
    },
  });
  for (const url of ['/', '/s/:id', '/publish/:id']) {
    server.get<{ Params: { readonly id?: string }; Querystring: { readonly view?: unknown } }>(
      url,
      { config: { access: { role: 'view', isFiltered: true, isPage: true, tokenInUrl: 'clean view' } } },
      (request, reply) => {
        // It signs in whoever has to; which streams there are is not told before.
        if (request.refusal) {
          const { status, headers = {} } = describeFailure(request.refusal);
          return sendPage(reply.code(status).headers(headers));
        }
        const { id } = request.params;
        // The page goes on by itself once there is such a stream.
        if (id !== undefined && !hasStream(id)) reply.code(404);
        // The clean view has nothing to click on; it alone may be framed, by those who are named.
        if (url === '/s/:id' && request.query.view === 'clean' && frameAncestors.length > 0) {
          reply.header('content-security-policy', framedBy(frameAncestors, hostOrigins?.()));
        }
        return sendPage(reply);
      },
    );
  }
}
