import { MessageChannel } from 'node:worker_threads';
import { firstValueFrom, take, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { buildElsewhere, serveBuilder } from '#src/stream/gst/pipeline-builder.adapter.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';

const { port1, port2 } = new MessageChannel();

beforeAll(() => {
  serveBuilder(port2, loadAddon);
  buildElsewhere(port1);
});

afterAll(() => {
  port1.close();
});

it('builds and starts graphs for another thread', async () => {
  const graph = await Graph.fromLaunch(
    '# {graph} string: id\nvideotestsrc is-live=true ! video/x-raw,format=NV12,width=64,height=64,framerate=30/1 ! diptychsink name=out graph={graph}',
  );
  const frames = firstValueFrom(graph.frames('out').pipe(take(3), toArray()));

  graph.play();

  for (const { handle } of await frames) loadAddon().release(handle);
  await graph.close();
});

it('tells another thread what is wrong with its graph', async () => {
  await expect(
    Graph.fromLaunch('# {graph} string: id\nvideotestsrc ! nonsense ! diptychsink graph={graph}'),
  ).rejects.toMatchObject({
    code: 'DIPTYCH_E_ELEMENT_MISSING',
  });
  await expect(
    Graph.fromLaunch('# {graph} string: id\nvideotestsrc nonsense=1 ! diptychsink graph={graph}'),
  ).rejects.toMatchObject({ code: 'DIPTYCH_E_GRAPH' });
});
