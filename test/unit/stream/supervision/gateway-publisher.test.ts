import { describe, expect, it } from 'vitest';
import type { StreamReport } from '#src/shared/ipc/messages.js';
import { GatewayPublisher } from '#src/stream/supervision/gateway-publisher.js';

const publication = (id: string) => ({
  id,
  video: { encoding: 'VP8', payloadType: 96, clockRate: 90_000 },
  from: { host: '127.0.0.1', video: 1000 },
});

describe('GatewayPublisher', () => {
  it('tells somebody else, and nobody any more, from the same publisher again', () => {
    const publisher = new GatewayPublisher({ streamId: 'main', report: () => undefined });

    const steps = [undefined, publication('a'), publication('a'), publication('b'), undefined, undefined];

    expect(steps.map((step) => publisher.follow(step))).toEqual([false, true, false, true, true, false]);
  });

  it('says what to do while nobody publishes, with the name of the stream', () => {
    const publisher = new GatewayPublisher({ streamId: 'stage', report: () => undefined });

    expect(publisher.absence).toMatch(/\/publish\/stage .*\/whip\/stage/);
  });

  it('passes on what the source needs', () => {
    const reports: StreamReport[] = [];
    const publisher = new GatewayPublisher({ streamId: 'main', report: (report) => reports.push(report) });
    const ports = { publicationId: 'a', host: '127.0.0.1', video: 1, audio: 2, rtcp: 3 };

    publisher.receive(ports);
    publisher.requestKeyframe();

    expect(reports).toEqual([{ type: 'receives', ports }, { type: 'keyframe-wanted' }]);
  });
});
