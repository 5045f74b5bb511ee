import { expect, it } from 'vitest';
import { changedOptions } from '#src/shared/config/changed-options.js';
import { streamSchema } from '#src/shared/config/schema.js';

const base = { id: 'hall', source: { url: 'test:' } };

it.each<[string, object, string[], string[]]>([
  ['nothing', {}, [], []],
  ['a target', { targets: [{ id: 'tv', url: 'rtmp://host/live/k' }] }, ['targets'], []],
  ['the size', { output: { width: 640 } }, [], ['output.width']],
  ['the bitrate', { output: { bitrateKbps: 900 } }, ['output.bitrateKbps'], []],
  ['names of people', { people: { names: ['Anna'] } }, ['people.names'], []],
  ['names of tiles', { slots: { labels: ['Anna'] } }, ['slots.labels'], []],
  ['when faces are compared', { reid: { mode: 'always' } }, ['reid.mode'], []],
  ['whether faces are compared', { reid: { mode: 'off' } }, [], ['reid.mode']],
  ['both', { targets: [{ url: 'rtmp://host/live/k' }], output: { fps: 25 } }, ['targets'], ['output.fps']],
  ['an option that had no value', { source: { url: 'test:', user: 'me' } }, ['source.user'], []],
])('%s is told by its path', (_name, patch, live, restart) => {
  const changed = changedOptions(streamSchema.parse(base), streamSchema.parse({ ...base, ...patch }));

  expect(changed).toEqual({ live, restart });
});
