import { describe, expect, it } from 'vitest';
import { streamSchema } from '#src/shared/config/schema.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';
import { initialStatus } from '#src/gateway/streams/initial-status.js';
import { nextStatus, reportedStatus } from '#src/gateway/streams/next-status.js';
import type { SupervisorEvent } from '#src/gateway/streams/stream-supervisor.adapter.js';

const config = streamSchema.parse({ id: 'hall', source: { url: 'test:' } });
const person = { trackId: 1, box: { x: 0, y: 0, width: 1, height: 1 }, score: 1 };
const live: StreamStatus = {
  ...initialStatus(config),
  state: 'live',
  error: 'an old one',
  people: [person],
  memory: { processBytes: 1, streamsInProcess: 1 },
};
describe('the status of a stream', () => {
  it.each<[SupervisorEvent, string, string | undefined]>([
    [{ type: 'running' }, 'connecting', undefined],
    [{ type: 'ended' }, 'offline', undefined],
    [{ type: 'waiting', reason: 'it broke', retryMs: 1234 }, 'failed', 'it broke; it is started again in 1.2 s'],
  ])('after %j is %s', (event, state, error) => {
    const status = nextStatus(live, event);

    expect(status).toMatchObject({ state, people: [], output: live.output });
    expect(status.error).toBe(error);
    expect(status).not.toHaveProperty('memory');
  });

  it.each([
    [0, 'it broke; it is started again at once'],
    [50, 'it broke; it is started again in 0.1 s'],
  ])('says when it is started again, in %i ms', (retryMs, error) => {
    expect(nextStatus(live, { type: 'waiting', reason: 'it broke', retryMs }).error).toBe(error);
  });

  it('is stalled, and otherwise as it was, while its process is silent', () => {
    const { state, error, ...rest } = nextStatus(live, { type: 'silent' });

    expect({ ...rest, state: 'live', error: 'an old one' }).toEqual(live);
    expect(state).toBe('stalled');
    expect(error).toMatch(/no sign of life/);
  });

  it('is shown without secrets', () => {
    const status = reportedStatus({ ...live, source: { url: 'rtsp://a:secret@host/1' } });

    expect(status.source.url).toBe('rtsp://***@host/1');
  });
});
