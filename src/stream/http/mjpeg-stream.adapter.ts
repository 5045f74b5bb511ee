import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DiptychError } from '../../shared/domain/errors.js';
import type { HttpAnswer, HttpClient } from './http-client.adapter.js';
import { partTypeOf } from './http-content.js';
import type { HttpErrors } from './http-error.js';
import { JpegSplitter } from './jpeg-splitter.js';

/** What Motion JPEG and single pictures are read with. */
export interface MjpegOptions {
  /** Names what fails. */
  readonly errors: HttpErrors;
  /** Nothing for so long ends it, s. */
  readonly timeoutS: number;
  /** Takes each picture. */
  readonly onPicture: (picture: Buffer) => void;
}

/** What polling takes beside that. */
export interface PollOptions extends MjpegOptions {
  /** Asks. */
  readonly client: Pick<HttpClient, 'get'>;
  /** Pictures a second. */
  readonly fps: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** So much without a picture is no Motion JPEG, bytes. */
const MAX_JUNK_BYTES = 4 * 1024 * 1024;

/**
 * Reads Motion JPEG until it ends, which is always an error.
 *
 * @throws {@link DiptychError} with the reason
 */
export async function readMjpeg({ body }: Pick<HttpAnswer, 'body'>, options: MjpegOptions): Promise<never> {
  const pictures = await readPictures(body, options);
  const { errors } = options;
  throw pictures === 0 ? errors.format('ended without any JPEG picture') : errors.ended('ended the stream');
}

/**
 * Asks for a picture again and again, the next one only when the one before is there. A picture that does not come is
 * asked for again, until none has come for `timeoutS`.
 *
 * @param first - the first answer, whose body is yet to be read
 * @throws {@link DiptychError} with the reason, or as `signal` aborts
 */
export async function pollPictures(first: HttpAnswer, options: PollOptions): Promise<never> {
  const { client, fps, timeoutS, errors, signal } = options;
  let answer: HttpAnswer | undefined = first;
  let lastMs = performance.now();
  for (;;) {
    const askedMs = performance.now();
    try {
      const { body } = answer ?? (await client.get(first.url));
      if ((await readPictures(body, options)) === 0) throw errors.format('answers without a JPEG picture');
      lastMs = performance.now();
    } catch (error) {
      signal.throwIfAborted();
      const isHopeless = error instanceof DiptychError && error.code === 'DIPTYCH_E_SOURCE_AUTH';
      if (isHopeless || performance.now() - lastMs > timeoutS * 1000) throw error;
    }
    answer = undefined;
    await delay(Math.max(0, askedMs + 1000 / fps - performance.now()), undefined, { signal });
  }
}

/** Reads a body to its end. @returns how many pictures there were */
async function readPictures(body: HttpAnswer['body'], options: MjpegOptions): Promise<number> {
  const { errors, timeoutS, onPicture } = options;
  const splitter = new JpegSplitter();
  let head = Buffer.alloc(0);
  let pictures = 0;
  const watch = (): NodeJS.Timeout =>
    setTimeout(() => body.destroy(errors.ended(`sent nothing for ${timeoutS} s`)), timeoutS * 1000);
  let timer = watch();
  body.on('data', (chunk: Buffer) => {
    clearTimeout(timer);
    timer = watch();
    if (pictures === 0 && head.length < 1024) head = Buffer.concat([head, chunk.subarray(0, 1024)]);
    for (const picture of splitter.push(chunk)) {
      pictures += 1;
      onPicture(picture);
    }
    if (pictures === 0 && splitter.skippedBytes > MAX_JUNK_BYTES) {
      const type = partTypeOf(head);
      body.destroy(errors.format(`sends ${type ?? 'something'} and no JPEG picture; set the camera to Motion JPEG`));
    }
  });
  try {
    await once(body, 'end');
    return pictures;
  } catch (error) {
    if (error instanceof DiptychError) throw error;
    if (pictures === 0) throw errors.format('ended before a JPEG picture was whole');
    throw errors.ended('its connection broke');
  } finally {
    clearTimeout(timer);
  }
}
