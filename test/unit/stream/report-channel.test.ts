import { describe, expect, it } from 'vitest';
import type { ProcessReport } from '#src/shared/ipc/messages.js';
import { ReportChannel } from '#src/stream/report-channel.js';

const streamId = 'hall';
const overlay: ProcessReport = { type: 'overlay', streamId, overlay: { rtpTimestamp: 1, layout: 'dual', boxes: [] } };
const heartbeat: ProcessReport = { type: 'heartbeat', isOpening: false };
const event: ProcessReport = { type: 'event', streamId, event: { ptsMs: 1, name: 'source_lost', details: {} } };
const snapshot: ProcessReport = { type: 'snapshot', streamId, requestId: 1, error: 'none' };

/** A channel to a gateway that reads when it is told to. */
function createChannel() {
  const sent: ProcessReport[] = [];
  const waiting: (() => void)[] = [];
  const channel = new ReportChannel((report, onSent) => {
    sent.push(report);
    waiting.push(onSent);
  });
  return { channel, sent, read: () => waiting.splice(0).forEach((onSent) => onSent()) };
}

describe('reports to a gateway that stands still', () => {
  it.each([
    ['overlays', overlay, 32],
    ['heartbeats', heartbeat, 32],
    ['events', event, 1000],
  ])('pile up to a limit: %s', (_name, report, limit) => {
    const { channel, sent } = createChannel();

    for (let count = 0; count < 10_000; count++) channel.send(report);

    expect(sent).toHaveLength(limit);
  });

  it.each([
    ['answers', snapshot],
    ['the end of a stream', { type: 'stopped', streamId } as const],
  ])('are never left out where they come once: %s', (_name, report) => {
    const { channel, sent } = createChannel();
    for (let count = 0; count < 10_000; count++) channel.send(event);

    channel.send(report);

    expect(sent.at(-1)).toMatchObject({ type: report.type });
  });

  it('go on when it reads again', () => {
    const { channel, sent, read } = createChannel();
    for (let count = 0; count < 100; count++) channel.send(overlay);
    const before = sent.length;

    read();
    channel.send(overlay);

    expect(sent).toHaveLength(before + 1);
  });
});

describe('a report', () => {
  it('holds no secret', () => {
    const { channel, sent } = createChannel();

    channel.send({
      type: 'stopped',
      streamId,
      error: { code: 'DIPTYCH_E_SOURCE_AUTH', message: 'rtsp://me:secret@cam/1' },
    });

    expect(JSON.stringify(sent)).not.toContain('secret');
  });
});
