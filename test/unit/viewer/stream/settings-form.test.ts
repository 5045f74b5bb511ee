import { describe, expect, it } from 'vitest';
import { toSchemaNode, type SchemaNode } from '#src/shared/config/json-schema.js';
import { framingSchema } from '#src/shared/config/stage-schemas.js';
import { outputSchema, streamSchema } from '#src/shared/config/schema.js';
import { sourceSchema } from '#src/shared/config/source-schema.js';
import { OPTION_LABELS, optionLabel } from '#src/viewer/stream/option-labels.js';
import { changedFields, editableOptions, fieldText, pathName, patchOf } from '#src/viewer/stream/settings-form.js';

const output = editableOptions(toSchemaNode(outputSchema), { bitrateKbps: 3000 }, ['output']);
const source = editableOptions(toSchemaNode(sourceSchema), { url: 'rtsp://h/1', password: '***' }, ['source']);
const framing = editableOptions(toSchemaNode(framingSchema), {}, ['framing']);
const all = [...source, ...output, ...framing];
const textOf = (name: string): string | undefined => {
  const option = all.find(({ path }) => pathName(path) === name);
  return option && fieldText(option);
};

it.each([
  ['output.bitrateKbps', '3000'],
  ['output.width', '1920'],
  ['source.url', 'rtsp://h/1'],
  ['source.password', ''],
  ['source.user', ''],
  ['source.tls.verify', 'true'],
  ['source.track.video', 'auto'],
  ['source.onvif', undefined],
  ['source.passwordFile', undefined],
])('%s stands in its field as %s', (name, text) => {
  expect(textOf(name)).toBe(text);
});

it('every option that can be edited has a name for people, and no name is left over', () => {
  const names = all.map(({ path }) => pathName(path));

  expect(Object.keys(OPTION_LABELS).sort()).toEqual([...names].sort());
  expect(optionLabel('source.later')).toBe('source.later');
});

it('every option of a stream, and every block that may be absent, has a name for people', () => {
  const paths = (node: SchemaNode, path: readonly string[]): readonly string[] => {
    const below = Object.entries(node.properties ?? {}).flatMap(([key, child]) => paths(child, [...path, key]));
    const isAlwaysThere = node.properties !== undefined && (path.length === 0 || node.default !== undefined);
    return [...(isAlwaysThere ? [] : [pathName(path)]), ...below];
  };

  const names = paths(toSchemaNode(streamSchema), []).filter((name) => name !== 'source');

  expect(names).toContain('slots.labels');
  expect(names.filter((name) => optionLabel(name) === name)).toEqual([]);
});

describe('what was edited', () => {
  it.each<[string, Record<string, string>, unknown]>([
    ['nothing', {}, {}],
    ['back to what it was', { 'output.width': '1920' }, {}],
    ['a number', { 'output.width': '1280' }, { output: { width: 1280 } }],
    ['two of a block', { 'output.width': '640', 'output.fps': '25' }, { output: { width: 640, fps: 25 } }],
    ['a choice of kinds', { 'source.track.video': '2' }, { source: { track: { video: 2 } } }],
    ['a switch', { 'source.tls.verify': 'false' }, { source: { tls: { verify: false } } }],
    ['a text that looks like a number', { 'source.user': '007' }, { source: { user: '007' } }],
    ['a secret', { 'source.password': ' s p ' }, { source: { password: ' s p ' } }],
    ['what is left out then', { 'output.gopS': '' }, { output: { gopS: null } }],
  ])('is a patch of nothing else: %s', (_name, edited, patch) => {
    expect(patchOf(all, new Map(Object.entries(edited)))).toEqual(patch);
  });

  it('tells what is live', () => {
    const edited = new Map([
      ['output.bitrateKbps', '2000'],
      ['output.width', '1280'],
      ['source.track.video', '1'],
    ]);

    const live = changedFields(all, edited).map(({ path, isLive }) => [pathName(path), isLive]);

    expect(live).toEqual([
      ['source.track.video', true],
      ['output.width', false],
      ['output.bitrateKbps', true],
    ]);
  });
});
