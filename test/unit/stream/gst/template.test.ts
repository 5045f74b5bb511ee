import { describe, expect, it } from 'vitest';
import { fillTemplate, parseTemplate, quoteString, type TemplateValues } from '#src/stream/gst/template.js';

const TEXT = `# An RTSP camera.
# {graph} string: id of the graph
# {url} string: where the camera is
# {latencyMs} number: jitter buffer, ms
# {sync} boolean: whether to wait for the clock
# {decoder} raw /avdec_h264|nvh264dec( [a-z-]+=\\d+)*/: the decoder

rtspsrc location={url} latency={latencyMs} !
  # a comment between the lines
  {decoder} ! video/x-raw,format={ I420, NV12 } !
  diptychsink name=frames graph={graph} sync={sync}
`;
const VALUES = { graph: 'g1', url: 'rtsp://a', latencyMs: 100, sync: false, decoder: 'avdec_h264' };

describe('parseTemplate', () => {
  it('reads the declarations and leaves the launch string', () => {
    const template = parseTemplate('camera', TEXT);

    expect(template.parameters.map(({ name, type, description }) => [name, type, description])).toEqual([
      ['graph', 'string', 'id of the graph'],
      ['url', 'string', 'where the camera is'],
      ['latencyMs', 'number', 'jitter buffer, ms'],
      ['sync', 'boolean', 'whether to wait for the clock'],
      ['decoder', 'raw', 'the decoder'],
    ]);
    expect(template.body.split('\n')).toEqual([
      'rtspsrc location={url} latency={latencyMs} !',
      '{decoder} ! video/x-raw,format={ I420, NV12 } !',
      'diptychsink name=frames graph={graph} sync={sync}',
    ]);
  });

  const mistakes: readonly [what: string, text: string, message: RegExp][] = [
    ['an undeclared placeholder', 'fakesrc name={name}', /\{name\} is used and not declared/],
    ['an unused declaration', '# {name} string: x\nfakesrc', /\{name\} is declared and not used/],
    ['a doubled declaration', '# {name} string: x\n# {name} string: y\nfakesrc name={name}', /declared twice/],
    ['an unknown type', '# {name} text: x\nfakesrc name={name}', /cannot read "# \{name\} text: x"/],
    ['a declaration without a description', '# {name} string:\nfakesrc name={name}', /cannot read/],
    ['a raw parameter without a pattern', '# {name} raw: x\n{name}', /cannot read/],
    ['a pattern that is none', '# {name} raw /(/: x\n{name}', /is no regular expression/],
    ['a string in caps', '# {f} string: x\nvideo/x-raw,format={f},width=1', /all that follows/],
    ['a string inside a string', '# {f} string: x\nfilesrc location="/a/{f}"', /all that follows/],
    ['a string as an element', '# {f} string: x\nfakesrc ! {f}', /all that follows/],
    ['a string that is followed by text', '# {f} string: x\nfilesrc location={f}.mp4', /all that follows/],
  ];
  it.each(mistakes)('refuses %s', (_, text, message) => {
    expect(() => parseTemplate('t', text)).toThrow(message);
  });
});

describe('fillTemplate', () => {
  it('puts each value in its place', () => {
    const launch = fillTemplate(parseTemplate('camera', TEXT), VALUES);

    expect(launch).toBe(
      [
        String.raw`rtspsrc location=\"rtsp\\072\\057\\057a\" latency=100 !`,
        'avdec_h264 ! video/x-raw,format={ I420, NV12 } !',
        String.raw`diptychsink name=frames graph=\"g1\" sync=false`,
      ].join('\n'),
    );
  });

  it.each([
    [{ latencyMs: -3 }, 'latency=-3 '],
    [{ latencyMs: 0.25 }, 'latency=0.25 '],
    [{ latencyMs: 9_007_199_254_740_991 }, 'latency=9007199254740991 '],
    [{ decoder: 'nvh264dec max-errors=3' }, '\nnvh264dec max-errors=3 !'],
    [{ url: '$& {graph}' }, String.raw`location=\"\\044\\046\\040\\173graph\\175\" `],
  ] as readonly (readonly [TemplateValues, string])[])('writes %j', (values, expected) => {
    expect(fillTemplate(parseTemplate('camera', TEXT), { ...VALUES, ...values })).toContain(expected);
  });

  it.each([
    ['an unknown parameter', { user: 'x' }, /no parameter \{user\}/],
    ['a number for a string', { url: 5 }, /\{url\}: expected a string, got a number/],
    ['a zero byte', { url: 'a\0b' }, /\{url\}: a string with a zero byte/],
    ['a string for a number', { latencyMs: '5' }, /\{latencyMs\}: expected a number/],
    ['an infinite number', { latencyMs: Number.POSITIVE_INFINITY }, /\{latencyMs\}: expected a number/],
    ['not a number', { latencyMs: Number.NaN }, /\{latencyMs\}: expected a number/],
    ['a number with an exponent', { latencyMs: 1e-9 }, /\{latencyMs\}: expected a number/],
    ['a string for a boolean', { sync: 'true' }, /\{sync\}: expected a boolean/],
    ['raw text that only begins well', { decoder: 'avdec_h264 ! fakesink' }, /\{decoder\}: expected text that matches/],
    [
      'raw text with a line of its own',
      { decoder: 'avdec_h264\n! fakesink' },
      /\{decoder\}: expected text that matches/,
    ],
    ['a number for raw text', { decoder: 1 }, /\{decoder\}: expected text/],
  ] as readonly (readonly [string, TemplateValues, RegExp])[])('refuses %s', (_, values, message) => {
    const template = parseTemplate('camera', TEXT);

    expect(() => fillTemplate(template, { ...VALUES, ...values })).toThrow(message);
  });

  it.each(Object.keys(VALUES))('refuses a missing {%s}', (name) => {
    const rest = Object.fromEntries(Object.entries(VALUES).filter(([key]) => key !== name));

    expect(() => fillTemplate(parseTemplate('camera', TEXT), rest)).toThrow(`no value for {${name}}`);
  });

  it('does not take what an object inherits for a value', () => {
    const template = parseTemplate('t', '# {toString} string: x\nfakesrc name={toString}');

    expect(() => fillTemplate(template, {})).toThrow('no value for {toString}');
  });

  it('does not repeat a secret in a message', () => {
    const template = parseTemplate('t', '# {key} raw /[a-z]+/: x\nfakesrc name={key}');

    expect(() => fillTemplate(template, { key: 'Secret1' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('Secret1') as string }),
    );
  });
});

describe('quoteString', () => {
  it.each([
    ['', String.raw`\"\"`],
    ['aZ09', String.raw`\"aZ09\"`],
    ['a b', String.raw`\"a\\040b\"`],
    ['"\\!', String.raw`\"\\042\\134\\041\"`],
    ['é', String.raw`\"\\303\\251\"`],
  ])('writes %j as %s', (value, quoted) => {
    expect(quoteString(value)).toBe(quoted);
  });
});
