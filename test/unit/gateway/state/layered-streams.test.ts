import { describe, expect, it } from 'vitest';
import { combine, entryFor, type BaseStream } from '#src/gateway/state/layered-streams.js';
import { formatState, parseState, type StateEntry } from '#src/gateway/state/state-document.js';

const target = (id: string, key = 'k'): object => ({ id, url: 'rtmp://h/a', key });

/** A stream of the file; what it does not say has a default. */
function base(source: Record<string, unknown>): BaseStream {
  const { output = {} } = source as { output?: object };
  const written = { id: 'main', targets: [], ...source, output: { fps: 30, bitrateKbps: 4500, ...output } };
  return { source, written: written };
}

/** What is kept over a restart, through the text of the file. */
const kept = (...entries: (StateEntry | undefined)[]) =>
  parseState(formatState({ version: 1, generation: 1, streams: entries.flatMap((entry) => entry ?? []) }));

const changedTo = (from: BaseStream, change: Record<string, unknown>) =>
  kept(entryFor(from, { ...from.written, ...change }));

describe('what the API changed, over the configuration', () => {
  const file = base({ id: 'main', output: { fps: 25 }, targets: [target('tv')] });

  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['nothing', {}, []],
    ['an option', { output: { fps: 25, bitrateKbps: 900 } }, ['output.bitrateKbps']],
    ['an option that the file has', { output: { fps: 10, bitrateKbps: 4500 } }, ['output.fps']],
    ['a name', { id: 'stage' }, ['id']],
    ['one target more', { targets: [target('tv'), target('radio')] }, ['targets.radio']],
    ['a target less', { targets: [] }, ['targets.tv']],
    ['a key', { targets: [target('tv', 'other')] }, ['targets.tv.key']],
    ['a block for a value', { output: true, slots: { labels: ['Anna'] } }, ['output', 'slots']],
  ])('keeps %s', (_what, change, options) => {
    const { streams, dropped } = combine([file], changedTo(file, change));

    expect(streams).toEqual([{ base: 'main', written: { ...file.written, ...change }, changed: options }]);
    expect(dropped).toEqual([]);
  });

  it('leaves options to the file that only the file has changed since', () => {
    const state = changedTo(file, { output: { fps: 25, bitrateKbps: 900 } });
    const edited = base({ id: 'main', output: { fps: 50 }, targets: [target('tv'), target('two')] });

    const { streams } = combine([edited], state);

    expect(streams[0]?.written).toMatchObject({ output: { fps: 50, bitrateKbps: 900 } });
    expect(streams[0]?.written['targets']).toHaveLength(2);
  });

  it('follows the file in an option that it has changed since, and says so', () => {
    const state = changedTo(file, { output: { fps: 10, bitrateKbps: 900 } });

    const { streams, entries, dropped } = combine([base({ id: 'main', output: { fps: 50 } })], state);

    expect(streams[0]?.written['output']).toEqual({ fps: 50, bitrateKbps: 900 });
    expect(dropped).toEqual(['stream "main": output.fps is as the configuration says, which was changed last']);
    expect(entries).toEqual([{ stream: 'main', changed: { 'output.bitrateKbps': { value: 900 } } }]);
  });

  it('keeps a deleted stream deleted until its entry changes', () => {
    const state = kept(entryFor(file, undefined));

    expect(combine([file], state).streams).toEqual([]);
    expect(combine([base({ id: 'main', output: { fps: 24 } })], state)).toMatchObject({
      streams: [{ base: 'main', changed: [] }],
      entries: [],
      dropped: [expect.stringContaining('is there again')],
    });
  });

  it.each<[string, BaseStream[], StateEntry[], string[], RegExp | undefined]>([
    ['is kept', [file], [{ added: { id: 'two' } }], ['main', 'two'], undefined],
    ['gives way to one of the file', [file], [{ added: { id: 'main' } }], ['main'], /"main" of the API is left out/],
    [
      'takes the name of one that was renamed',
      [file],
      [{ stream: 'main', changed: { id: { value: 'stage' } } }, { added: { id: 'main' } }],
      ['stage', 'main'],
      undefined,
    ],
    [
      'whose stream the file has no more',
      [],
      [{ stream: 'main', changed: {} }],
      [],
      /the configuration has it no more/,
    ],
  ])('an entry %s', (_what, bases, entries, ids, dropped) => {
    // The file does not say the name, so that a change of it has no hash.
    const unnamed = bases.map((one) => ({ ...one, source: {} }));

    const result = combine(unnamed, { streams: entries });

    expect(result.streams.map(({ written }) => written.id)).toEqual(ids);
    expect(result.dropped.join()).toMatch(dropped ?? /^$/);
  });

  it('gives up a name that the file has given to another stream since', () => {
    const state = changedTo(file, { id: 'stage' });
    const stage = { ...base({ id: 'stage' }) };

    const { streams, dropped } = combine([file, stage], state);

    expect(streams.map(({ written }) => written.id)).toEqual(['main', 'stage']);
    expect(dropped).toEqual([expect.stringContaining('keeps its name')]);
  });

  it('tells no secret of the file', () => {
    const text = formatState(changedTo(base({ id: 'main', targets: [target('tv', 'hush')] }), { targets: [] }));

    expect(text).not.toContain('hush');
  });
});

it.each<[string, string]>([
  ['no YAML', 'a: ['],
  ['another version', 'version: 2\ngeneration: 1\nstreams: []'],
  ['half of it', 'version: 1\ngeneration: 1\nstreams:\n  - stream: ma'],
])('a text with %s is refused', (_what, text) => {
  expect(() => parseState(text)).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_STATE' }));
});
