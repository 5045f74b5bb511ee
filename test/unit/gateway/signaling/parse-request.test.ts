import { describe, expect, it } from 'vitest';
import { parseRequest } from '#src/gateway/signaling/parse-request.js';
import { requestSchema } from '#src/shared/signaling/protocol.js';

const fingerprints = [{ algorithm: 'sha-256', value: 'AA:BB' }];
const rtpCapabilities = { codecs: [{ mimeType: 'video/H264', clockRate: 90000 }], headerExtensions: [] };

describe('parseRequest', () => {
  it.each([
    { type: 'hello', id: 0, version: 1 },
    { type: 'subscribe', id: 1, streamId: 'main' },
    { type: 'unsubscribe', id: 2 },
    { type: 'router-capabilities', id: 3 },
    { type: 'create-transport', id: 4 },
    { type: 'connect-transport', id: 5, dtlsParameters: { role: 'client', fingerprints } },
    { type: 'consume', id: 6, kind: 'video', rtpCapabilities },
    { type: 'resume', id: 7, consumerId: 'c' },
    { type: 'pause', id: 8, consumerId: 'c' },
    { type: 'close-consumer', id: 9, consumerId: 'c' },
    { type: 'stats', id: 10 },
  ])('reads $type', (message) => {
    const parsed = parseRequest(JSON.stringify(message));

    expect(parsed).toEqual({ ok: true, request: message });
  });

  it.each([
    ['no JSON', '{', undefined, /JSON/],
    ['a list', '[]', undefined, /./],
    ['null', 'null', undefined, /./],
    ['a number', '1', undefined, /./],
    ['an unknown type', '{"type":"dance","id":4}', 4, /^type: /],
    ['no id', '{"type":"stats"}', undefined, /^id: /],
    ['an id that is no whole number', '{"type":"stats","id":1.5}', undefined, /^id: /],
    ['a negative id', '{"type":"stats","id":-1}', -1, /^id: /],
    ['a field too many', '{"type":"stats","id":1,"x":1}', 1, /x/],
    ['a field of the wrong type', '{"type":"subscribe","id":1,"streamId":7}', 1, /^streamId: /],
    ['an endless name', `{"type":"subscribe","id":1,"streamId":"${'a'.repeat(65)}"}`, 1, /^streamId: /],
    ['no fingerprint', '{"type":"connect-transport","id":1,"dtlsParameters":{"fingerprints":[]}}', 1, /fingerprints/],
  ])('refuses %s and says why', (_name, text, id, message) => {
    const parsed = parseRequest(text);

    expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(message) as string });
    expect(parsed.ok ? undefined : parsed.id).toBe(id);
  });

  it('keeps what mediasoup knows of a codec and this protocol does not', () => {
    const parsed = requestSchema.parse({ type: 'consume', id: 1, kind: 'video', rtpCapabilities });

    expect(parsed).toMatchObject({ rtpCapabilities });
  });
});
