import * as z from 'zod';
import type { ChangedOptions } from '../../shared/config/changed-options.js';
import type { TargetConfig } from '../../shared/config/schema.js';
import type { StreamView } from '../../shared/domain/stream-status.js';
import { mayUseStream, type Caller } from '../access/caller.js';
import { requirePatchRole } from '../access/patch-role.js';
import type { StreamStore } from '../state/stream-store.adapter.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { maskConfig, restoreSecrets } from './masked-config.js';
import { tileRoutes } from './tile-routes.js';
import { route, type Route, type RouteReply } from './route.js';
import {
  changedConfigSchema,
  changedStreamSchema,
  maskedConfigSchema,
  streamBodySchema,
  streamViewSchema,
  targetBodySchema,
  targetViewSchema,
} from './schemas.js';
import { patched, replaced, withTarget, withoutTarget, type StreamEdit } from './stream-edits.js';

/** What these routes need of the gateway. */
export interface StreamRoutesContext {
  /** Streams by name. */
  readonly registry: StreamRegistry;
  /** Changes and keeps them. */
  readonly store: StreamStore;
  /** The status of a stream, with its name and viewers, as a caller may see it. */
  readonly viewOf: (stream: ManagedStream, caller: Caller) => StreamView;
  /** Streams of the cluster that are not this host's. @defaultValue there are none */
  readonly elsewhere?: StreamsOfOthers | undefined;
}

/** Streams of a cluster that are not the host's that is asked. */
export interface StreamsOfOthers {
  /** Whether a stream is; it may run here as well for a moment. */
  readonly has: (streamId: string) => boolean;
  /** All of them, as a caller may see them. */
  readonly list: (caller: Caller) => Promise<readonly StreamView[]>;
}

const listQuerySchema = z.object({
  of: z
    .enum(['all', 'host'])
    .default('all')
    .describe('all: every stream, in a cluster those of all hosts; host: those that run on the host that is asked'),
});

const STREAMS = '/api/v1/streams';
const STREAM = `${STREAMS}/:id`;

/** Streams, their targets, tiles and pictures. */
export function streamRoutes(context: StreamRoutesContext): Route[] {
  const groups = [listRoutes, singleStreamRoutes, restartRoutes, configRoutes, targetRoutes, tileRoutes];
  return groups.flatMap((routes) => routes(context));
}

/** All streams, and a new one. */
function listRoutes({ registry, store, viewOf, elsewhere }: StreamRoutesContext): Route[] {
  return [
    route({
      id: 'listStreams',
      role: 'view',
      isFiltered: true,
      tag: 'streams',
      method: 'GET',
      path: STREAMS,
      summary: 'All streams',
      query: listQuerySchema,
      answer: { status: 200, description: 'The streams', schema: z.array(streamViewSchema) },
      handle: async ({ caller, query }) => {
        const others = query.of === 'all' ? ((await elsewhere?.list(caller)) ?? []) : [];
        const own = registry.list().filter(({ id }) => elsewhere?.has(id) !== true);
        const all = [...own.map((stream) => viewOf(stream, caller)), ...others];
        return { body: all.filter(({ id }) => mayUseStream(caller, id)) };
      },
    }),
    route({
      id: 'addStream',
      role: 'admin',
      tag: 'streams',
      method: 'POST',
      path: STREAMS,
      summary: 'Start a stream; it runs until it is deleted, also after a restart of the gateway',
      body: streamBodySchema,
      isBodyWritten: true,
      answer: { status: 201, description: 'The stream, in state connecting', schema: streamViewSchema },
      failures: [409, 503, 507],
      handle: async ({ body, caller }) => {
        const stream = await store.add(restoreSecrets(body, undefined));
        return { body: viewOf(stream, caller), headers: { location: `${STREAMS}/${stream.id}` } };
      },
    }),
  ];
}

/** One stream: read, change, end. */
function singleStreamRoutes({ registry, store, viewOf }: StreamRoutesContext): Route[] {
  return [
    route({
      id: 'getStream',
      role: 'view',
      tag: 'streams',
      method: 'GET',
      path: STREAM,
      summary: 'One stream',
      answer: { status: 200, description: 'The stream', schema: streamViewSchema },
      handle: ({ params, caller }) => ({ body: viewOf(registry.get(params['id'] ?? ''), caller) }),
    }),
    route({
      id: 'changeStream',
      role: 'operate',
      tag: 'streams',
      method: 'PATCH',
      path: STREAM,
      summary:
        'Change the configuration of a stream (JSON merge patch). Role operate may change people, slots, shots, framing and record.enabled, role admin everything. Options that are marked live in the schema apply at once; every other change restarts the stream, and viewers stay connected. The answer says which was the case',
      body: z.record(z.string(), z.unknown()),
      isMergePatch: true,
      answer: { status: 200, description: 'The stream, and what was changed', schema: changedStreamSchema },
      failures: [409, 503, 507],
      handle: async ({ params, body, caller }) => {
        requirePatchRole(caller, body);
        const stream = registry.get(params['id'] ?? '');
        const changed = await changeStream(store, stream, patched(body));
        return { body: { ...viewOf(stream, caller), changed } };
      },
    }),
    route({
      id: 'deleteStream',
      role: 'admin',
      tag: 'streams',
      method: 'DELETE',
      path: STREAM,
      summary: 'End a stream',
      answer: { status: 204, description: 'The stream has ended' },
      failures: [507],
      handle: async ({ params }) => {
        await store.remove(params['id'] ?? '');
        return {};
      },
    }),
  ];
}

/** A stream begun anew. */
const restartRoutes = ({ registry, viewOf }: StreamRoutesContext): Route[] => [
  route({
    id: 'restartStream',
    role: 'operate',
    tag: 'streams',
    method: 'POST',
    path: `${STREAM}/restart`,
    summary: 'End a stream and start it anew; viewers stay connected, targets are connected again',
    answer: { status: 202, description: 'It is starting', schema: streamViewSchema },
    handle: ({ params, caller }) => {
      const stream = registry.get(params['id'] ?? '');
      stream.restart();
      return { body: viewOf(stream, caller) };
    },
  }),
];

/** The servers that a stream is published to. */
function targetRoutes({ registry, store, viewOf }: StreamRoutesContext): Route[] {
  return [
    route({
      id: 'listTargets',
      role: 'view',
      tag: 'targets',
      method: 'GET',
      path: `${STREAM}/targets`,
      summary: 'The targets of a stream',
      answer: { status: 200, description: 'The targets', schema: z.array(targetViewSchema) },
      handle: ({ params, caller }) => ({ body: viewOf(registry.get(params['id'] ?? ''), caller).targets }),
    }),
    route({
      id: 'addTarget',
      role: 'admin',
      tag: 'targets',
      method: 'POST',
      path: `${STREAM}/targets`,
      summary: 'Publish a stream to one more RTMP(S) server or SRT receiver',
      body: targetBodySchema,
      answer: { status: 201, description: 'The target, in state waiting or connecting', schema: targetViewSchema },
      failures: [409, 507],
      handle: async ({ params, body }) => {
        const stream = registry.get(params['id'] ?? '');
        let targetId = '';
        await store.change(
          stream.id,
          withTarget(body, (id) => (targetId = id)),
        );
        const view = stream.status.targets.find((target) => target.id === targetId);
        return { body: view, headers: { location: `${STREAMS}/${stream.id}/targets/${targetId}` } };
      },
    }),
    route({
      id: 'deleteTarget',
      role: 'admin',
      tag: 'targets',
      method: 'DELETE',
      path: `${STREAM}/targets/:targetId`,
      summary: 'Stop publishing to a target; viewers and other targets are not affected',
      answer: { status: 204, description: 'Nothing is published to the target any more' },
      failures: [503, 507],
      handle: async ({ params }) => {
        const stream = registry.get(params['id'] ?? '');
        try {
          await store.changeAnyway(stream.id, withoutTarget(params['targetId'] ?? ''));
        } finally {
          await stream.settled();
        }
        return {};
      },
    }),
  ];
}

/** The configuration of a stream, secrets masked. */
function configRoutes({ registry, store }: StreamRoutesContext): Route[] {
  const configAnswer = {
    status: 200,
    description: 'The configuration, secrets masked, and what was changed',
    schema: changedConfigSchema,
  };
  const change = async (id: string, edit: StreamEdit): Promise<RouteReply> => {
    const stream = registry.get(id);
    const changed = await changeStream(store, stream, edit);
    return { body: { config: maskConfig(store.writtenOf(stream.id)), changed } };
  };
  return [
    route({
      id: 'getConfiguration',
      role: 'admin',
      tag: 'streams',
      method: 'GET',
      path: `${STREAM}/config`,
      summary: 'The configuration of a stream; *** stands for a secret, and keeps it where it is sent back',
      answer: { status: 200, description: 'The configuration, with its defaults', schema: maskedConfigSchema },
      handle: ({ params }) => ({ body: maskConfig(store.writtenOf(params['id'] ?? '')) }),
    }),
    route({
      id: 'changeConfiguration',
      role: 'admin',
      tag: 'streams',
      method: 'PATCH',
      path: `${STREAM}/config`,
      summary: 'Change some options of a stream (JSON merge patch), its name included',
      body: z.record(z.string(), z.unknown()),
      isMergePatch: true,
      answer: configAnswer,
      failures: [409, 503, 507],
      handle: ({ params, body }) => change(params['id'] ?? '', patched(body)),
    }),
    route({
      id: 'replaceConfiguration',
      role: 'admin',
      tag: 'streams',
      method: 'PUT',
      path: `${STREAM}/config`,
      summary: 'Replace the configuration of a stream; options that are left out have their defaults',
      body: streamBodySchema,
      isBodyWritten: true,
      answer: configAnswer,
      failures: [409, 503, 507],
      handle: ({ params, body }) => change(params['id'] ?? '', replaced(body)),
    }),
  ];
}

/** Changes a stream; says what has changed. Once this resolves, nothing is published that was removed. */
async function changeStream(store: StreamStore, stream: ManagedStream, edit: StreamEdit): Promise<ChangedOptions> {
  const before = stream.config.targets;
  const changed = await store.change(stream.id, edit);
  const { targets } = stream.config;
  const isKept = ({ id, url, key }: TargetConfig): boolean =>
    targets.some((one) => one.id === id && one.url === url && one.key === key);
  if (!before.every(isKept)) await stream.settled();
  return changed;
}
