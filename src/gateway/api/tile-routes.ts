import type { StreamStore } from '../state/stream-store.adapter.js';
import { rejectUnknownPerson } from '../streams/reject-slot-action.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { route, type Route } from './route.js';
import { shotActionSchema } from './shot-schema.js';
import { slotActionSchema } from './slot-schema.js';
import { withLeftOut } from './stream-edits.js';

const STREAM = '/api/v1/streams/:id';

/** What the routes of tiles need. */
interface TileRoutesContext {
  readonly registry: StreamRegistry;
  readonly store: Pick<StreamStore, 'change'>;
}

/** Who is in which tile, and the picture of it. */
export function tileRoutes({ registry, store }: TileRoutesContext): Route[] {
  return [
    route({
      id: 'arrangeTiles',
      role: 'operate',
      tag: 'tiles',
      method: 'POST',
      path: `${STREAM}/slots`,
      summary: 'Decide who is shown in which tile, and who in none',
      body: slotActionSchema,
      answer: { status: 204, description: 'It takes effect with the next frame, or as soon as the stream is ready' },
      failures: [503, 507],
      handle: async ({ params, body }) => {
        const stream = registry.get(params['id'] ?? '');
        if (body.action !== 'leave_out' && body.action !== 'take_in') {
          stream.commandSlots(body);
          return {};
        }
        const { people } = stream.status;
        rejectUnknownPerson(body.trackId, people);
        const person = people.find(({ trackId }) => trackId === body.trackId) ?? body;
        await store.change(stream.id, withLeftOut(person, body.action === 'leave_out'));
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
