import { describe, expect, it } from 'vitest';
import { streamSchema } from '#src/shared/config/schema.js';
import type { StatusError } from '#src/shared/domain/status-error.js';
import type { StreamStatus } from '#src/shared/domain/stream-status.js';
import { initialStatus } from '#src/gateway/streams/initial-status.js';
import { nextStatus, reportedStatus } from '#src/gateway/streams/next-status.js';
import type { SupervisorEvent } from '#src/gateway/streams/stream-supervisor.adapter.js';

const config = streamSchema.parse({ id: 'hall', source: { url: 'test:' } });
const person = { trackId: 1, box: { x: 0, y: 0, width: 1, height: 1 }, score: 1 };
const live: StreamStatus = {
  ...initialStatus(config),
  state: 'live',
  error: { code: 'DIPTYCH_E_SOURCE_PATH', message: 'an old one' },
  people: [person],
  memory: { processBytes: 1, streamsInProcess: 1 },
};
const NOW_MS = Date.parse('2026-01-01T00:00:00.000Z');
const broke = { code: 'DIPTYCH_E_PROCESS', message: 'it broke' } as const;

describe('the status of a stream', () => {
  it.each<[SupervisorEvent, string, Partial<StatusError>]>([
    [{ type: 'running' }, 'connecting', { code: 'DIPTYCH_E_NOT_READY' }],
    [{ type: 'ended' }, 'offline', { code: 'DIPTYCH_E_SOURCE_ENDED' }],
    [{ type: 'waiting', problem: broke, retryMs: 1234 }, 'failed', { ...broke, nextTryAt: '2026-01-01T00:00:01.234Z' }],
  ])('after %j is %s, and says why', (event, state, error) => {
    const status = nextStatus(live, event, NOW_MS);

    expect(status).toMatchObject({ state, people: [], output: live.output, error });
    expect('nextTryAt' in (status.error ?? {})).toBe('nextTryAt' in error);
    expect(status).not.toHaveProperty('memory');
  });

  it('is stalled, and otherwise as it was, while its process is silent', () => {
    const { state, error, ...rest } = nextStatus(live, { type: 'silent' }, NOW_MS);

    expect({ ...rest, state: 'live', error: live.error }).toEqual(live);
    expect(state).toBe('stalled');
    expect(error).toMatchObject({
      code: 'DIPTYCH_E_PROCESS',
      message: expect.stringMatching('does not answer') as string,
    });
  });

  it('is shown without secrets', () => {
    const status = reportedStatus({ ...live, source: { url: 'rtsp://a:secret@host/1' } });

    expect(status.source.url).toBe('rtsp://***@host/1');
  });
});
