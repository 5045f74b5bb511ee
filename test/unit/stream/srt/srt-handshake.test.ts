import { describe, expect, it } from 'vitest';
import { conclusionRequest, inductionRequest, parseSrtAnswer } from '#src/stream/srt/srt-handshake.js';

/** An answer as libsrt sends it. */
function answer(type: number, { cookie = 0, socketId = 0 } = {}): Buffer {
  const packet = Buffer.alloc(64);
  packet.writeUInt16BE(0x8000, 0);
  packet.writeUInt32BE(5, 16);
  packet.writeUInt32BE(type, 36);
  packet.writeUInt32BE(socketId, 40);
  packet.writeUInt32BE(cookie, 44);
  return packet;
}

describe('parseSrtAnswer', () => {
  it.each([
    ['the first step', answer(1, { cookie: 0xdead_beef }), { type: 'induction', cookie: 0xdead_beef }],
    ['a connection', answer(0xffff_ffff, { socketId: 7 }), { type: 'accepted', socketId: 7 }],
    ['a wrong passphrase', answer(1010), { type: 'rejected', reason: 1010 }],
    ['a stream that is not there', answer(2404), { type: 'rejected', reason: 2404 }],
    ['data', Buffer.alloc(64), undefined],
    ['too short', answer(1).subarray(0, 63), undefined],
    ['another step', answer(0xffff_fffe), undefined],
  ])('%s', (_, packet, expected) => {
    expect(parseSrtAnswer(packet)).toEqual(expected);
  });
});

it('the first step asks by the fields of older peers', () => {
  const packet = inductionRequest(0x1234);

  expect(packet.subarray(0, 2).toString('hex')).toBe('8000');
  expect(packet.subarray(16, 24).toString('hex')).toBe('0000000400000002');
  expect(packet.readUInt32BE(36)).toBe(1);
  expect(packet.readUInt32BE(40)).toBe(0x1234);
});

it('the second step brings the cookie, and the stream id in words that stand in reverse', () => {
  const packet = conclusionRequest(1, 0xcafe_f00d, 'abcde');

  expect(packet.readUInt32BE(44)).toBe(0xcafe_f00d);
  expect(packet.readUInt16BE(22)).toBe(5);
  expect(packet.subarray(-12).toString('latin1')).toBe('\0\x05\0\x02dcba\0\0\0e');
});
