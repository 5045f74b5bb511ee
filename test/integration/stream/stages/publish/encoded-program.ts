import type { EncodedTaps } from '#src/stream/domain/media-tap.js';
import { outputSchema, type OutputConfig } from '#src/shared/config/schema.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { openEncoder, type EncodeSession } from '#src/stream/stages/encode/encode-session.adapter.js';
import type { VideoEncoder } from '#src/stream/stages/encode/video-encoder.adapter.js';

export interface EncodedProgram {
  readonly taps: EncodedTaps;
  readonly session: EncodeSession;
  /** From now on there is sound alone. */
  pause(): void;
  close(): Promise<void>;
}

export interface ProgramOptions {
  readonly fps?: number;
  readonly bitrateKbps?: number;
  readonly encodersFor?: (output: OutputConfig) => readonly VideoEncoder[];
}

const SIZE = { width: 640, height: 360 };

/** A live encoder that is fed noise in real time. */
export async function startProgram({
  fps = 30,
  bitrateKbps = 3000,
  encodersFor,
}: ProgramOptions = {}): Promise<EncodedProgram> {
  const addon = loadAddon();
  const output = outputSchema.parse({ ...SIZE, fps, bitrateKbps, encoder: 'x264', preset: 'ultrafast' });
  const session = await openEncoder(output, {
    logger: { info: () => undefined, warn: () => undefined },
    ...(encodersFor && { encoders: encodersFor(output) }),
  });
  const data = new Uint8Array((SIZE.width * SIZE.height * 3) / 2).map((_, index) => (index * 2_654_435_761) >>> 24);
  const picture = addon.createFrame(SIZE, 'I420', data);
  let slot = Math.ceil((addon.nowMs() * fps) / 1000);
  const feeding = setInterval(() => {
    for (; (slot * 1000) / fps <= addon.nowMs(); slot += 1) session.push(picture, (slot * 1000) / fps);
  }, 5);
  return {
    taps: session.taps,
    session,
    pause: () => clearInterval(feeding),
    close: async () => {
      clearInterval(feeding);
      await session.close();
      addon.release(picture);
    },
  };
}
