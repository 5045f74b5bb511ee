import { expect, it } from 'vitest';
import { chooseDecoders } from '#src/stream/stages/ingest/decoder-choice.js';
import { thisMachine } from '#src/stream/stages/ingest/decoder-machine.adapter.js';
import type { SourceOptions } from '#src/stream/stages/ingest/source-session.js';
import { addon, closeAfterEach, closing, open, read, until } from './source-fixture.js';
import { HlsServer } from './hls-server.js';

closeAfterEach();

/** Ten pictures a second. */
const slow: NonNullable<SourceOptions['decoders']> = (preferences) => {
  const choices = chooseDecoders(thisMachine(addon), preferences);
  const launch = 'identity name=decoder-h264 sleep-time=100000 ! avdec_h264 output-corrupt=false';
  return { ...choices, h264: { ...choices.h264, launch } };
};

it('of more than the decoder can follow shows what is recent, though it comes a segment at a time', async () => {
  const server = await new HlsServer().listen();
  closing.push(() => server.close());
  await server.encode('main', { audio: 'none' });
  const session = await open(server.url(), {}, 'live', { decoders: slow });
  const waitedMs: number[] = [];
  let pictures = 0;
  const subscription = read(session).subscribe(() => {
    pictures += 1;
    waitedMs.push(session.lagMs);
  });
  closing.push(() => subscription.unsubscribe());

  await until(() => session.droppedCoded > 100);
  const before = pictures;
  await until(() => pictures > before + 20);

  expect(session.trouble?.kind).toBe('overloaded');
  expect(Math.max(...waitedMs)).toBeLessThan(1500);
});
