import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { route, type Route } from './route.js';
import { shotActionSchema } from './shot-schema.js';
import { slotActionSchema } from './slot-schema.js';

const STREAM = '/api/v1/streams/:id';

/** Who is in which tile, and the picture of it. */
export function tileRoutes({ registry }: { readonly registry: StreamRegistry }): Route[] {
  return [
    route({
      id: 'arrangeTiles',
      role: 'operate',
      tag: 'tiles',
      method: 'POST',
      path: `${STREAM}/slots`,
      summary: 'Decide who is shown in which tile',
      body: slotActionSchema,
      answer: { status: 204, description: 'It takes effect with the next frame, or as soon as the stream is ready' },
      failures: [503],
      handle: ({ params, body }) => {
        registry.get(params['id'] ?? '').commandSlots(body);
        return {};
      },
    }),
    route({
      id: 'askShot',
      role: 'operate',
      tag: 'tiles',
      method: 'POST',
      path: `${STREAM}/shot`,
      summary: 'Take, hold or release a shot by hand',
      body: shotActionSchema,
      answer: { status: 204, description: 'It takes effect with the next frame, or as soon as the stream is ready' },
      failures: [503],
      handle: ({ params, body }) => {
        registry.get(params['id'] ?? '').commandShot(body);
        return {};
      },
    }),
    route({
      id: 'getSnapshot',
      role: 'view',
      tag: 'tiles',
      method: 'GET',
      path: `${STREAM}/snapshot.jpg`,
      summary: 'The current composed picture',
      answer: { status: 200, description: 'A JPEG picture', contentType: 'image/jpeg' },
      failures: [503],
      handle: async ({ params }) => ({
        body: await registry.get(params['id'] ?? '').snapshot(),
        headers: { 'cache-control': 'no-store' },
      }),
    }),
  ];
}
