import { describe, expect, it } from 'vitest';
import { decodeStunAnswer, encodeStunRequest, longTermKey, STUN_ATTRIBUTES } from '#src/cli/doctor/stun-message.js';

const TRANSACTION = Buffer.from('b7e7a701bc34d686fa87dfae', 'hex');
/** The IPv4 response of RFC 5769, 2.2. */
const RESPONSE = Buffer.from(
  '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643' +
    '000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
  'hex',
);

describe('decodeStunAnswer', () => {
  it('reads the response of RFC 5769', () => {
    const answer = decodeStunAnswer(RESPONSE, TRANSACTION);

    expect(answer?.isSuccess).toBe(true);
    expect(answer?.attributes.get(0x8022)?.toString()).toBe('test vector');
  });

  it('reads why a request is refused', () => {
    const refusal = Buffer.from('011300082112a442b7e7a701bc34d686fa87dfae0009000400000401', 'hex');

    expect(decodeStunAnswer(refusal, TRANSACTION)).toMatchObject({ isSuccess: false, errorCode: 401 });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['RTP', Buffer.alloc(40, 0x80)],
    [
      'the answer to another request',
      Buffer.concat([RESPONSE.subarray(0, 8), Buffer.alloc(12), RESPONSE.subarray(20)]),
    ],
    ['a request', Buffer.concat([Buffer.from([0, 1]), RESPONSE.subarray(2)])],
  ])('is none where it is %s', (_name, bytes) => {
    expect(decodeStunAnswer(bytes, TRANSACTION)).toBeUndefined();
  });

  it('reads to the end of an answer that is cut', () => {
    expect(decodeStunAnswer(RESPONSE.subarray(0, 30), TRANSACTION)?.isSuccess).toBe(true);
  });
});

describe('encodeStunRequest', () => {
  it('says how long it is, with signature and fingerprint last', () => {
    const message = encodeStunRequest({
      method: 'allocate',
      transactionId: TRANSACTION,
      attributes: [[STUN_ATTRIBUTES.username, Buffer.from('abcde')]],
      key: longTermKey('abcde', 'realm', 'pass'),
    });

    expect(message.subarray(0, 2)).toEqual(Buffer.from([0, 3]));
    expect(message.readUInt16BE(2)).toBe(message.length - 20);
    expect(message.length).toBe(20 + 12 + 24 + 8);
    expect(message.readUInt16BE(32)).toBe(STUN_ATTRIBUTES.integrity);
    expect(message.readUInt16BE(56)).toBe(STUN_ATTRIBUTES.fingerprint);
  });
});
