import { describe, expect, it } from 'vitest';
import { keyframeRequest } from '#src/stream/rtsp/keyframe-request.js';

const IDS = { senderSsrc: 0x01020304, mediaSsrc: 0xa1a2a3a4, sequence: 258 };

describe('a request for a keyframe', () => {
  it.each([
    ['pli', '80c90001 01020304', '81ce0002 01020304 a1a2a3a4'],
    ['fir', '80c90001 01020304', '84ce0004 01020304 00000000 a1a2a3a4 02000000'],
  ] as const)('%s follows an empty report', (kind, report, feedback) => {
    const packet = keyframeRequest(kind, IDS);

    expect(packet.toString('hex')).toBe(`${report}${feedback}`.replaceAll(' ', ''));
  });
});
