import { expect, it } from 'vitest';
import { sourceSchema, type SourceConfig } from '#src/shared/config/source-schema.js';
import { isInTheWay, isSameSource } from '#src/stream/supervision/source-change.js';

const source = (url: string, options: object = {}): SourceConfig => sourceSchema.parse({ url, ...options });
const CAMERA = 'rtsp://192.0.2.7/main';

it.each<[string, SourceConfig, boolean]>([
  ['the same options', source(CAMERA), true],
  [
    'what is followed while a source plays',
    source(CAMERA, { frozenS: 5, loop: false, maxGopS: 9, takeover: true }),
    true,
  ],
  ['another address', source('rtsp://192.0.2.7/sub'), false],
  ['another password', source(CAMERA, { user: 'a', password: 'b' }), false],
  ['another delay', source(CAMERA, { latencyMs: 300 }), false],
  ['another track', source(CAMERA, { track: { video: 1 } }), false],
  ['another way to ask for keyframes', source(CAMERA, { onvif: true }), false],
])('%s: whether a source goes on', (_name, other, isSame) => {
  expect(isSameSource(source(CAMERA), other)).toBe(isSame);
});

it.each<
  [string, string, string, 'DIPTYCH_E_SOURCE_BUSY' | 'DIPTYCH_E_SOURCE_UNREACHABLE' | 'DIPTYCH_E_SOURCE_PATH', boolean]
>([
  ['another path of a camera', CAMERA, 'rtsp://192.0.2.7/sub', 'DIPTYCH_E_SOURCE_BUSY', true],
  [
    'another port and user of it',
    'rtsp://a:b@192.0.2.7:554/1',
    'rtsps://192.0.2.7:322/1',
    'DIPTYCH_E_SOURCE_BUSY',
    true,
  ],
  ['a camera that hangs up', CAMERA, CAMERA, 'DIPTYCH_E_SOURCE_UNREACHABLE', true],
  ['a wrong path', CAMERA, 'rtsp://192.0.2.7/x', 'DIPTYCH_E_SOURCE_PATH', false],
  ['another camera', CAMERA, 'rtsp://192.0.2.8/main', 'DIPTYCH_E_SOURCE_BUSY', false],
  ['what has no host', CAMERA, 'whip:', 'DIPTYCH_E_SOURCE_BUSY', false],
])('%s: whether the source that is shown may be in its way', (_name, shown, next, code, isIt) => {
  expect(isInTheWay(source(shown), source(next), code)).toBe(isIt);
});
