import { expect, it } from 'vitest';
import { originLines } from '#src/gateway/state/origin-text.js';
import type { PlannedStream } from '#src/gateway/state/state-layer.js';

const planned = (id: string, base: object | undefined, changed: readonly string[] = []): PlannedStream =>
  ({ complete: { config: { id } }, base, changed }) as unknown as PlannedStream;

it('is one line for all streams that are as they were written, and one for each other', () => {
  const lines = originLines(
    [
      planned('hall', {}),
      planned('door', {}, ['output.fps', 'slots.labels']),
      planned('yard', {}),
      planned('new', undefined),
    ],
    'gateway.yaml',
    'state/streams.yaml',
  );

  expect(lines).toEqual([
    { text: 'as gateway.yaml says: hall, yard' },
    {
      stream: 'door',
      text: 'output.fps, slots.labels as state/streams.yaml says, changed by the API; everything else as gateway.yaml says',
    },
    { stream: 'new', text: 'the stream is as state/streams.yaml says: the API added it' },
  ]);
});
