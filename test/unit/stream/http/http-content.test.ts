import { expect, it } from 'vitest';
import { contentOf, partTypeOf } from '#src/stream/http/http-content.js';

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);
const packet = Buffer.alloc(376);
packet[0] = packet[188] = 0x47;

it.each([
  ['mjpeg', 'multipart/x-mixed-replace', '--frame', false],
  ['mjpeg', 'text/plain', '\r\n--frame\r\n', false],
  ['mjpeg', 'video/x-motion-jpeg', 'x', false],
  ['mjpeg', '', JPEG, false],
  ['jpeg', '', JPEG, true],
  ['jpeg', 'image/jpeg', JPEG, false],
  ['hls', 'application/vnd.apple.mpegurl', '\uFEFF#EXTM3U\n', true],
  ['hls', 'text/plain', '#EXTM3U', true],
  ['hls', 'text/html', '#EXTM3U', true],
  ['mpegts', 'application/octet-stream', packet, false],
  ['page', 'text/html', '<p>', true],
  ['page', 'text/plain', ' <!DOCTYPE html>', true],
  ['other', 'video/mp4', 'ftyp', true],
  ['other', '', '', false],
] as const)('says %s of %s', (content, type, begin, hasLength) => {
  expect(contentOf(type, Buffer.from(begin as string), hasLength)).toBe(content);
});

it('reads the type of a part', () => {
  expect(partTypeOf(Buffer.from('--b\r\ncontent-TYPE: image/PNG\r\n\r\n'))).toBe('image/png');
  expect(partTypeOf(Buffer.from('--b\r\n\r\n'))).toBeUndefined();
});
