import { z } from 'zod';
import { freeTargetId, nameTargets } from '../../shared/config/parse-config.js';
import { maskUrl } from '../../shared/config/mask-url.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { StreamView, TargetStatus } from '../../shared/domain/stream-status.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { mergePatch } from './merge-patch.js';
import { parseBody, route, type Route } from './route.js';
import { slotActionSchema, streamBodySchema, streamViewSchema, targetBodySchema, targetViewSchema } from './schemas.js';

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
        rejectDoubleTargets(body);
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
        'Change the configuration of a stream (JSON merge patch). Targets are added and removed without a restart; every other change restarts the stream, and viewers stay connected',
      body: z.record(z.string(), z.unknown()),
      isMergePatch: true,
      answer: { status: 200, description: 'The stream', schema: streamViewSchema },
      handle: ({ params, body }) => {
        const stream = registry.get(params['id'] ?? '');
        changeStream(stream, body);
        return { body: viewOf(stream) };
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
      handle: ({ params }) => ({ body: targetsOf(registry.get(params['id'] ?? '')) }),
    }),
    route({
      method: 'POST',
      path: `${STREAM}/targets`,
      summary: 'Publish a stream to one more RTMP(S) server',
      body: targetBodySchema,
      answer: { status: 201, description: 'The target, in state connecting', schema: targetViewSchema },
      failures: [409],
      handle: ({ params, body }) => {
        const stream = registry.get(params['id'] ?? '');
        const targetId = body.id ?? freeTargetId(new Set(stream.config.targets.flatMap((target) => target.id ?? [])));
        stream.addTarget({ ...body, id: targetId });
        const view = targetsOf(stream).find((target) => target.id === targetId);
        return { body: view, headers: { location: `${STREAMS}/${stream.id}/targets/${targetId}` } };
      },
    }),
    route({
      method: 'DELETE',
      path: `${STREAM}/targets/:targetId`,
      summary: 'Stop publishing to a target; viewers and other targets are not affected',
      answer: { status: 204, description: 'The target is being closed' },
      handle: ({ params }) => {
        registry.get(params['id'] ?? '').removeTarget(params['targetId'] ?? '');
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
      answer: { status: 204, description: 'It takes effect with the next frame' },
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

/** Targets as the stream process reports them; those that it does not know yet are connecting. */
function targetsOf({ config, status }: ManagedStream): TargetStatus[] {
  return config.targets.map(({ id = '', url }) => {
    const reported = status.targets.find((target) => target.id === id);
    return (
      reported ?? {
        id,
        url: maskUrl(url),
        state: 'connecting',
        since: new Date().toISOString(),
        bytes: 0,
        retries: 0,
      }
    );
  });
}

function changeStream(stream: ManagedStream, patch: Readonly<Record<string, unknown>>): void {
  if ('id' in patch && patch['id'] !== stream.id) {
    throw new DiptychError('DIPTYCH_E_BAD_INPUT', 'id: cannot be changed; start another stream with that id');
  }
  const wanted = nameTargets(parseBody(streamBodySchema, mergePatch(stream.config, patch)));
  rejectDoubleTargets(wanted);
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const { targets: _old, ...oldRest } = stream.config;
  const { targets, ...rest } = wanted;
  if (!isSame(rest, oldRest)) {
    stream.reconfigure(wanted);
    return;
  }
  const kept = targets.filter((target) => stream.config.targets.some((old) => isSame(old, target)));
  for (const { id = '' } of stream.config.targets)
    if (!kept.some((target) => target.id === id)) stream.removeTarget(id);
  for (const target of targets) if (!kept.includes(target)) stream.addTarget(target);
}

function rejectDoubleTargets({ targets }: StreamConfig): void {
  const ids = targets.flatMap(({ id }) => id ?? []);
  const double = ids.find((id, index) => ids.indexOf(id) < index);
  if (double !== undefined) {
    throw new DiptychError('DIPTYCH_E_BAD_INPUT', `targets: the id "${double}" is used twice; choose another`);
  }
}
