import { expect, it } from 'vitest';
import { elementaryName, elementaryPictures, elementarySound } from '#src/stream/stages/ingest/elementary-codec.js';

it.each([
  ['video/x-h264, stream-format=(string)byte-stream', 'h264'],
  ['video/x-h265, stream-format=(string)hvc1', 'h265'],
  ['image/jpeg', 'jpeg'],
  ['video/mpeg, mpegversion=(int)2', undefined],
  ['', undefined],
])('pictures of %s', (caps, codec) => {
  expect(elementaryPictures(caps)?.codec).toBe(codec);
});

it.each([
  ['audio/mpeg, mpegversion=(int)4, stream-format=(string)adts', 'AAC'],
  ['audio/mpeg, mpegversion=(int)2, stream-format=(string)adts', 'AAC'],
  ['audio/mpeg, mpegversion=(int)1', 'MPEG audio'],
  ['audio/x-ac3', 'AC-3'],
  ['audio/x-opus, channel-mapping-family=(int)0', 'Opus'],
])('sound of %s', (caps, name) => {
  expect(elementarySound(caps)).toMatchObject({ name });
});

it('says what it cannot decode', () => {
  expect(elementarySound('audio/x-dts')).toBe('nothing here decodes audio/x-dts; send AAC');
  expect(elementaryName('video/x-vp8, width=(int)3')).toBe('VP8');
});
