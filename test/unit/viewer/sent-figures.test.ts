import { describe, expect, it } from 'vitest';
import { readSent } from '#src/viewer/sent-figures.js';

const video = (fields: object) => ({ type: 'outbound-rtp', kind: 'video', timestamp: 1000, ...fields }) as const;

describe('readSent', () => {
  it('knows nothing without pictures', () => {
    expect(readSent([{ type: 'outbound-rtp', kind: 'audio', timestamp: 1 } as const], undefined)).toEqual({
      figures: {},
      sent: undefined,
    });
  });

  it('tells what is sent, the rate since the reading before, and what the other side got', () => {
    const entries = [
      video({ codecId: 'c', frameWidth: 320, frameHeight: 180, bytesSent: 1 }),
      video({ codecId: 'c', frameWidth: 1280, frameHeight: 720, framesPerSecond: 30, bytesSent: 150_000 }),
      { type: 'codec', id: 'c', mimeType: 'video/H264', timestamp: 1000 } as const,
      { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.25, roundTripTime: 0.012, timestamp: 990 } as const,
    ];

    const { figures, sent } = readSent(entries, { bytes: 50_000, timeMs: 0 });

    expect(figures).toEqual({
      ...{ codec: 'H264', width: 1280, height: 720, fps: 30 },
      ...{ kbps: 800, lostRatio: 0.25, roundTripMs: 12 },
    });
    expect(sent).toEqual({ bytes: 150_000, timeMs: 1000 });
  });
});
