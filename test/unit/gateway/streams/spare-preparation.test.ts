import { describe, expect, it } from 'vitest';
import { preparationFor } from '#src/gateway/streams/spare-preparation.js';
import { gatewaySchema, streamSchema, type StreamConfig } from '#src/shared/config/schema.js';

const { gpu } = gatewaySchema.parse({});
const stream = (id: string, model: string, width = 1280): StreamConfig =>
  streamSchema.parse({ id, source: { url: 'rtsp://a:secret@host/1' }, detect: { model }, output: { width } });

describe('what a spare process prepares', () => {
  it.each([
    ['those of the only stream', [stream('a', 'yunet')], 'yunet', 1280],
    [
      'those that most streams use',
      [stream('a', 'yunet'), stream('b', 'scrfd', 640), stream('c', 'scrfd')],
      'scrfd',
      640,
    ],
    ['those of the first stream where none is used more', [stream('a', 'yunet'), stream('b', 'scrfd')], 'yunet', 1280],
  ])('is the networks of: %s', (_name, streams, model, width) => {
    const preparation = preparationFor(streams, gpu);

    expect(preparation).toMatchObject({ gpu, config: { detect: { model }, output: { width } } });
  });

  it('is nothing where there is no stream', () => {
    expect(preparationFor([], gpu)).toBeUndefined();
  });

  it('holds no secrets', () => {
    expect(JSON.stringify(preparationFor([stream('a', 'yunet')], gpu))).not.toContain('secret');
  });
});
