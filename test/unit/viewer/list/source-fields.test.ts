import { expect, it } from 'vitest';
import { splitCredentials, suggestId } from '#src/viewer/list/source-fields.js';

it.each([
  [' rtsp://cam/1 ', { url: 'rtsp://cam/1', user: 'typed', password: 'too' }],
  ['rtsp://anna:s3cr%40t@cam/1', { url: 'rtsp://cam/1', user: 'anna', password: 's3cr@t' }],
  ['rtsp://anna:a:b%@cam:554/1?x=1', { url: 'rtsp://cam:554/1?x=1', user: 'anna', password: 'a:b%' }],
  ['rtsp://anna@cam/1', { url: 'rtsp://cam/1', user: 'anna', password: 'too' }],
  ['whip:', { url: 'whip:', user: 'typed', password: 'too' }],
])('takes user and password out of %s', (url, fields) => {
  expect(splitCredentials({ url, user: 'typed', password: 'too' })).toEqual(fields);
});

it.each([
  ['', [], 'camera'],
  ['rtsp://192.168.1.20/1', ['camera'], 'camera-2'],
  ['rtsp://porch.local:554/1', [], 'porch'],
  ['rtsp://user:pass@porch/1', ['porch', 'porch-2'], 'porch-3'],
])('suggests a name for %s beside %j', (url, taken, id) => {
  expect(suggestId(url, taken)).toBe(id);
});
