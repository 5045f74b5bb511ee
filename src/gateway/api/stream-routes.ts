import { z } from 'zod';
import { freeTargetId } from '../../shared/config/parse-config.js';
import { MAX_STREAMS, MAX_TARGETS, type StreamConfig, type TargetConfig } from '../../shared/config/schema.js';
import { explainSourceFile } from '../../shared/config/source-file.adapter.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { StreamView } from '../../shared/domain/stream-status.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { rejectDoubleTargets } from './double-targets.js';
import { mergePatch } from './merge-patch.js';
import { parseBody, route, type Route } from './route.js';
import {
  changedStreamSchema,
  slotActionSchema,
  streamBodySchema,
  streamViewSchema,
  targetBodySchema,
  targetViewSchema,
} from './schemas.js';

/** What these routes need of the gateway. */
export interface StreamRoutesContext {
  /** Streams by name. */
  readonly registry: StreamRegistry;
  /** The status of a stream, with its name and viewers. */
  readonly viewOf: (stream: ManagedStream) => StreamView;
}

const STREAMS = '/api/v1/streams';
const STREAM = `${STREAMS}/:id`;

/** Streams, their targets, tiles and pictures. */
export function streamRoutes(context: StreamRoutesContext): Route[] {
  return [...listRoutes(context), ...singleStreamRoutes(context), ...targetRoutes(context), ...tileRoutes(context)];
}

/** All streams, and a new one. */
function listRoutes({ registry, viewOf }: StreamRoutesContext): Route[] {
  return [
    route({
      method: 'GET',
      path: STREAMS,
      summary: 'All streams',
      answer: { status: 200, description: 'The streams', schema: z.array(streamViewSchema) },
      handle: () => ({ body: registry.list().map(viewOf) }),
    }),
    route({
      method: 'POST',
      path: STREAMS,
      summary: 'Start a stream; it runs until it is deleted or the gateway ends',
      body: streamBodySchema,
      answer: { status: 201, description: 'The stream, in state connecting', schema: streamViewSchema },
      failures: [409],
      handle: ({ body }) => {
        rejectDoubleTargets(body, configsOf(registry));
        rejectMissingFile(body);
        rejectMany(registry.list().length, MAX_STREAMS, 'streams');
        const stream = registry.add(body);
        return { body: viewOf(stream), headers: { location: `${STREAMS}/${stream.id}` } };
      },
    }),
  ];
}

/** One stream: read, change, end. */
function singleStreamRoutes({ registry, viewOf }: StreamRoutesContext): Route[] {
  return [
    route({
      method: 'GET',
      path: STREAM,
      summary: 'One stream',
      answer: { status: 200, description: 'The stream', schema: streamViewSchema },
      handle: ({ params }) => ({ body: viewOf(registry.get(params['id'] ?? '')) }),
    }),
    route({
      method: 'PATCH',
      path: STREAM,
      summary:
        'Change the configuration of a stream (JSON merge patch). Options that are marked live in the schema apply at once; every other change restarts the stream, and viewers stay connected. The answer says which was the case',
      body: z.record(z.string(), z.unknown()),
      isMergePatch: true,
      answer: { status: 200, description: 'The stream, and what was changed', schema: changedStreamSchema },
      failures: [503],
      handle: async ({ params, body }) => {
        const stream = registry.get(params['id'] ?? '');
        const changed = await changeStream(registry, stream, body);
        return { body: { ...viewOf(stream), changed } };
      },
    }),
    route({
      method: 'DELETE',
      path: STREAM,
      summary: 'End a stream',
      answer: { status: 204, description: 'The stream has ended' },
      handle: async ({ params }) => {
        await registry.remove(params['id'] ?? '');
        return {};
      },
    }),
  ];
}

/** The servers that a stream is published to. */
function targetRoutes({ registry }: StreamRoutesContext): Route[] {
  return [
    route({
      method: 'GET',
      path: `${STREAM}/targets`,
      summary: 'The targets of a stream',
      answer: { status: 200, description: 'The targets', schema: z.array(targetViewSchema) },
      handle: ({ params }) => ({ body: registry.get(params['id'] ?? '').status.targets }),
    }),
    route({
      method: 'POST',
      path: `${STREAM}/targets`,
      summary: 'Publish a stream to one more RTMP(S) server',
      body: targetBodySchema,
      answer: { status: 201, description: 'The target, in state waiting or connecting', schema: targetViewSchema },
      failures: [409],
      handle: ({ params, body }) => {
        const stream = registry.get(params['id'] ?? '');
        rejectMany(stream.config.targets.length, MAX_TARGETS, 'targets of this stream');
        const targetId = body.id ?? freeTargetId(new Set(stream.config.targets.flatMap((target) => target.id ?? [])));
        const target = { ...body, id: targetId };
        if (stream.config.targets.every(({ id }) => id !== targetId)) {
          rejectDoubleTargets({ id: stream.id, targets: [...stream.config.targets, target] }, configsOf(registry));
        }
        stream.addTarget(target);
        const view = stream.status.targets.find((target) => target.id === targetId);
        return { body: view, headers: { location: `${STREAMS}/${stream.id}/targets/${targetId}` } };
      },
    }),
    route({
      method: 'DELETE',
      path: `${STREAM}/targets/:targetId`,
      summary: 'Stop publishing to a target; viewers and other targets are not affected',
      answer: { status: 204, description: 'Nothing is published to the target any more' },
      failures: [503],
      handle: async ({ params }) => {
        await registry.get(params['id'] ?? '').removeTarget(params['targetId'] ?? '');
        return {};
      },
    }),
  ];
}

/** Who is in which tile, and the picture of it. */
function tileRoutes({ registry }: StreamRoutesContext): Route[] {
  return [
    route({
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

/** Applies a merge patch; says what has changed. Once this resolves, nothing is published that was removed. */
async function changeStream(
  registry: StreamRegistry,
  stream: ManagedStream,
  patch: Readonly<Record<string, unknown>>,
): Promise<ReturnType<ManagedStream['configure']>> {
  if ('id' in patch && patch['id'] !== stream.id) {
    throw new DiptychError('DIPTYCH_E_BAD_INPUT', 'id: cannot be changed; start another stream with that id');
  }
  const wanted = parseBody(streamBodySchema, mergePatch(stream.config, patch));
  rejectDoubleTargets(wanted, configsOf(registry));
  if (wanted.source.url !== stream.config.source.url) rejectMissingFile(wanted);
  const before = stream.config.targets;
  const changed = stream.configure(wanted);
  const { targets } = stream.config;
  const isKept = ({ id, url, key }: TargetConfig): boolean =>
    targets.some((one) => one.id === id && one.url === url && one.key === key);
  if (!before.every(isKept)) await stream.settled();
  return changed;
}

function rejectMany(count: number, most: number, what: string): void {
  if (count < most) return;
  throw new DiptychError(
    'DIPTYCH_E_CONFLICT',
    `there are ${count} ${what} already, and ${most} at most; delete one first`,
  );
}

function rejectMissingFile({ source }: StreamConfig): void {
  const problem = explainSourceFile(source.url);
  if (problem !== undefined) throw new DiptychError('DIPTYCH_E_BAD_INPUT', `source.url: ${problem}`);
}

const configsOf = (registry: StreamRegistry): readonly StreamConfig[] => registry.list().map(({ config }) => config);
