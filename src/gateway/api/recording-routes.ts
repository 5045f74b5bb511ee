import * as z from 'zod';
import type { RecordingKeeper } from '../recordings/recording-keeper.adapter.js';
import { recordedNameSchema, recordingSchema } from './schemas.js';
import { route, type Route } from './route.js';

/** What these routes need of the gateway. */
export interface RecordingRoutesContext {
  /** Of all streams, those that were removed included. */
  readonly recordings: Pick<RecordingKeeper, 'libraryOf' | 'names'>;
}

const RECORDINGS = '/api/v1/streams/:id/recordings';

/** The recordings of a stream. They are started and stopped by its option `record.enabled`. */
export function recordingRoutes({ recordings }: RecordingRoutesContext): Route[] {
  const libraryOf = ({ id = '' }: Readonly<Record<string, string>>): ReturnType<RecordingKeeper['libraryOf']> =>
    recordings.libraryOf(id);
  return [
    recordedNamesRoute(recordings),
    route({
      id: 'listRecordings',
      role: 'operate',
      tag: 'recordings',
      method: 'GET',
      path: RECORDINGS,
      summary:
        'The recordings of a stream, newest first; also of one that was removed. A recording is started and stopped by PATCH of the stream: {"record": {"enabled": true}}',
      answer: { status: 200, description: 'The segments', schema: z.array(recordingSchema) },
      failures: [500],
      handle: async ({ params }) => ({
        body: await (await libraryOf(params)).list(),
        headers: { 'cache-control': 'no-store' },
      }),
    }),
    route({
      id: 'getRecording',
      role: 'operate',
      tag: 'recordings',
      method: 'GET',
      path: `${RECORDINGS}/:name`,
      summary:
        'A segment of a recording, whole or in part (header Range); its name with .json for .mp4 gives who was in which tile when',
      answer: { status: 200, description: 'An MP4 file, or JSON', contentType: 'video/mp4' },
      failures: [416],
      handle: async ({ params }) => {
        const { folder, name } = await (await libraryOf(params)).file(params['name'] ?? '');
        return { file: { folder, name, saveAs: `${params['id'] ?? ''}-${name}` } };
      },
    }),
    route({
      id: 'deleteRecording',
      role: 'admin',
      tag: 'recordings',
      method: 'DELETE',
      path: `${RECORDINGS}/:name`,
      summary: 'Delete a segment, and what lies beside it; not the one that is being written',
      answer: { status: 204, description: 'It is deleted' },
      failures: [409],
      handle: async ({ params }) => {
        await (await libraryOf(params)).remove(params['name'] ?? '');
        return {};
      },
    }),
  ];
}

const recordedNamesRoute = (recordings: RecordingRoutesContext['recordings']): Route =>
  route({
    id: 'listRecordedNames',
    role: 'operate',
    tag: 'recordings',
    method: 'GET',
    path: '/api/v1/recordings',
    summary: 'What was recorded, by the names of the streams; those that were removed or renamed since included',
    answer: { status: 200, description: 'One entry for each name', schema: z.array(recordedNameSchema) },
    failures: [500],
    handle: async () => ({ body: await recordings.names(), headers: { 'cache-control': 'no-store' } }),
  });
