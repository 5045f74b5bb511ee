import { z } from 'zod';
import type { RecordingKeeper } from '../recordings/recording-keeper.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { recordingSchema } from './schemas.js';
import { route, type Route } from './route.js';

/** What these routes need of the gateway. */
export interface RecordingRoutesContext {
  /** Streams by name. */
  readonly registry: StreamRegistry;
  /** Their recordings. */
  readonly recordings: Pick<RecordingKeeper, 'libraryOf'>;
}

const RECORDINGS = '/api/v1/streams/:id/recordings';

/** The recordings of a stream. They are started and stopped by its option `record.enabled`. */
export function recordingRoutes({ registry, recordings }: RecordingRoutesContext): Route[] {
  const libraryOf = ({ id = '' }: Readonly<Record<string, string>>): ReturnType<RecordingKeeper['libraryOf']> =>
    recordings.libraryOf(registry.get(id));
  return [
    route({
      method: 'GET',
      path: RECORDINGS,
      summary:
        'The recordings of a stream, newest first. A recording is started and stopped by PATCH of the stream: {"record": {"enabled": true}}',
      answer: { status: 200, description: 'The segments', schema: z.array(recordingSchema) },
      failures: [500],
      handle: async ({ params }) => ({
        body: await libraryOf(params).list(),
        headers: { 'cache-control': 'no-store' },
      }),
    }),
    route({
      method: 'GET',
      path: `${RECORDINGS}/:name`,
      summary:
        'A segment of a recording, whole or in part (header Range); its name with .json for .mp4 gives who was in which tile when',
      answer: { status: 200, description: 'An MP4 file, or JSON', contentType: 'video/mp4' },
      failures: [416],
      handle: async ({ params }) => {
        const { folder, name } = await libraryOf(params).file(params['name'] ?? '');
        return { file: { folder, name, saveAs: `${params['id'] ?? ''}-${name}` } };
      },
    }),
    route({
      method: 'DELETE',
      path: `${RECORDINGS}/:name`,
      summary: 'Delete a segment, and what lies beside it; not the one that is being written',
      answer: { status: 204, description: 'It is deleted' },
      failures: [409],
      handle: async ({ params }) => {
        await libraryOf(params).remove(params['name'] ?? '');
        return {};
      },
    }),
  ];
}
