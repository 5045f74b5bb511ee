import { firstValueFrom, take, toArray } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { seededRandom } from '#src/shared/random.js';
import { loadTestAddon } from '../../native/test-addon.js';

const addon = loadTestAddon();
const graphs: Graph[] = [];

async function build(text: string, values: Record<string, string | number | boolean> = {}): Promise<Graph> {
  const graph = await Graph.fromLaunch(`# {graph} string: id\n${text}`, values);
  graphs.push(graph);
  return graph;
}

afterEach(async () => {
  await Promise.all(graphs.splice(0).map((graph) => graph.close()));
  expect(addon.liveFrames()).toBe(0);
});

describe('strings in a template', () => {
  const pieces = [
    '"',
    "'",
    '\\',
    '!',
    ' ',
    '\n',
    '\t',
    '=',
    '{',
    '}',
    '(',
    ')',
    ',',
    ';',
    ':',
    '.',
    '$',
    '%',
    '\\"',
    '\\\\',
    '" ! fakesink name=evil',
    'a',
    'Z',
    '7',
    'é',
    '\u{1f600}',
    '040',
    'NULL',
    '\r',
    '#',
    '\u0001',
  ];
  const random = seededRandom(1);
  const made = Array.from({ length: 200 }, () =>
    Array.from({ length: Math.floor(random() * 8) }, () => pieces[Math.floor(random() * pieces.length)]).join(''),
  );

  it('come back from a real element as they were, and change nothing else', async () => {
    const values = ['', ...pieces, ...made];
    const launch = values.map((_, index) => `identity name=e${index} ! filesink name=f${index} location={v${index}}`);
    const declarations = values.map((_, index) => `# {v${index}} string: any`);
    const text = [...declarations, 'diptychsrc graph={graph} ! fakesink', ...launch].join('\n');

    const graph = await build(text, Object.fromEntries(values.map((value, index) => [`v${index}`, value])));

    const read = values.map((_, index) => graph.getProperty(`f${index}`, 'location') ?? '');
    expect(read).toEqual(values);
    expect(addon.graphElements(graph.id)).toHaveLength(2 + 2 * values.length);
  });

  it('reach a user name and a password', async () => {
    const graph = await build(
      '# {user} string: u\n# {password} string: p\nrtspsrc name=src user-id={user} user-pw={password} ! diptychsink graph={graph}',
      { user: 'a "b" ! c', password: 'p\\"w! é' },
    );

    expect(graph.getProperty('src', 'user-id')).toBe('a "b" ! c');
    expect(graph.getProperty('src', 'user-pw')).toBe('p\\"w! é');
  });
});

describe('building', () => {
  it('names the missing element and its package', async () => {
    await expect(build('nvh264nonsense ! diptychsink graph={graph}')).rejects.toMatchObject({
      code: 'DIPTYCH_E_ELEMENT_MISSING',
      message: expect.stringMatching(/nvh264nonsense.*gstreamer1\.0-plugins-bad/) as string,
    });
  });

  it.each([
    ['a syntax error', 'videotestsrc ! ! diptychsink graph={graph}'],
    ['an unknown property', 'videotestsrc nonsense=1 ! diptychsink graph={graph}'],
    ['pads that do not fit', 'audiotestsrc ! video/x-raw ! diptychsink graph={graph}'],
  ])('reports %s as one error', async (_, text) => {
    await expect(build(text)).rejects.toMatchObject({ code: 'DIPTYCH_E_GRAPH' });
  });

  it('refuses a graph that holds nothing of ours', async () => {
    await expect(build('videotestsrc name={graph} ! fakesink')).rejects.toMatchObject({ code: 'DIPTYCH_E_GRAPH' });
  });

  it.each(['../package', 'no-such-pipeline'])('refuses to load %s', async (name) => {
    await expect(Graph.load(name, {})).rejects.toMatchObject({ code: 'DIPTYCH_E_GRAPH' });
  });
});

describe('frames', () => {
  const SOURCE =
    'videotestsrc is-live=true ! video/x-raw,format=I420,width=64,height=48,framerate=60/1 ! diptychsink name=s graph={graph}';

  it('arrive with size, format and rising PTS near the shared clock', async () => {
    const graph = await build(SOURCE);
    const frames$ = firstValueFrom(graph.frames('s').pipe(take(20), toArray()));
    graph.play();
    const frames = await frames$;

    expect(frames[0]).toMatchObject({ width: 64, height: 48, format: 'I420', memory: 'system' });
    const steps = frames.slice(1).map((frame, index) => frame.ptsMs - (frames[index]?.ptsMs ?? 0));
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(frames.every((frame) => frame.arrivedMs >= frame.ptsMs && frame.arrivedMs <= addon.nowMs())).toBe(true);
    for (const frame of frames) addon.release(frame.handle);
  });

  it('give each subscriber a reference of its own', async () => {
    const graph = await build(SOURCE);
    const both = [firstValueFrom(graph.frames('s')), firstValueFrom(graph.frames('s'))];
    graph.play();
    const [one, other] = await Promise.all(both);

    expect(one?.handle).toBe(other?.handle);
    for (const frame of [one, other]) if (frame) addon.release(frame.handle);
    await graph.close();
    expect(addon.liveFrames()).toBe(0);
  });

  it('are released for who unsubscribes in answer to the same frame', async () => {
    const graph = await build(SOURCE);
    const ended = new Promise<void>((done) => {
      const first = graph.frames('s').subscribe(({ handle }) => {
        addon.release(handle);
        second.unsubscribe();
        first.unsubscribe();
        done();
      });
      const second = graph.frames('s').subscribe(({ handle }) => addon.release(handle));
    });
    graph.play();
    await ended;

    expect(addon.liveFrames()).toBe(0);
  });

  it('complete when the graph closes, as the messages do', async () => {
    const graph = await build(SOURCE);
    const ends = { frames: 0, messages: 0 };
    graph.frames('s').subscribe({ next: ({ handle }) => addon.release(handle), complete: () => (ends.frames += 1) });
    graph.messages$.subscribe({ complete: () => (ends.messages += 1) });
    graph.play();
    await Promise.all([graph.close(), graph.close()]);

    expect(ends).toEqual({ frames: 1, messages: 1 });
    expect(() => graph.play()).toThrow(/it is closed/);
  });
});

describe('steering', () => {
  it.each([
    ['t', 'foreground-color', 4_294_967_295],
    ['t', 'pattern', 'ball'],
    ['s', 'drop', false],
    ['s', 'ts-offset', -9_007_199_254_740_991],
    ['c', 'caps', 'video/x-raw, width=(int)64'],
    ['p', 'drop-probability', 0.25],
    ['f', 'location', 'NULL'],
  ])('sets and reads %s.%s', async (element, property, value) => {
    const graph = await build(
      'videotestsrc name=t ! capsfilter name=c ! diptychsink name=s graph={graph} filesink name=f identity name=p',
    );
    graph.setProperty(element, property, value);

    expect(graph.getProperty(element, property)).toBe(value);
  });

  it.each([
    ['nobody', 'name', 'x', /element: expected the name of an element of the graph, got "nobody"/],
    ['s', 'nonsense', 1, /nonsense: expected a property that can be set, got 1/],
    ['s', 'max-frames', 65, /max-frames: expected a value that fits guint, got 65/],
    ['s', 'max-frames', 1.5, /expected a value that fits guint/],
    ['s', 'drop', 'perhaps', /expected a value that fits gboolean/],
    ['s', 'graph', 5, /expected a value that fits gchararray/],
  ])('refuses %s.%s=%j', async (element, property, value, message) => {
    const graph = await build('videotestsrc ! diptychsink name=s graph={graph}');

    expect(() => graph.setProperty(element, property, value)).toThrow(message);
    expect(() => graph.getProperty(element, 'nonsense')).toThrow(/expected/);
  });

  it('ends a graph with EOS', async () => {
    const graph = await build('videotestsrc is-live=true ! diptychsink graph={graph}');
    const ended = new Promise<void>((done) => graph.messages$.subscribe(({ type }) => type === 'eos' && done()));
    graph.play();
    graph.sendEos();

    await ended;
  });
});
