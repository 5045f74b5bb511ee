import { maskUrl } from '../../../shared/config/mask-url.js';
import type { SourceConfig } from '../../../shared/config/schema.js';
import { DiptychError } from '../../../shared/domain/errors.js';
import { HttpClient, type HttpAnswer } from '../../http/http-client.adapter.js';
import { contentOf, SNIFFED_BYTES, type HttpContent } from '../../http/http-content.js';
import { HttpErrors } from '../../http/http-error.js';
import { HlsStream } from '../../hls/hls-stream.adapter.js';
import { pollPictures, readMjpeg } from '../../http/mjpeg-stream.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { tlsPolicy } from './camera-options.adapter.js';
import type { ElementaryFeed, ElementaryStreams } from './elementary-source.adapter.js';
import type { HttpLocation } from './source-location.js';
import type { SourceOptions } from './source-session.js';
import type { ByteStream } from './streamed-source.adapter.js';
import { openTransportStream } from './transport-stream-source.adapter.js';

/** A source that was asked once. */
interface Asked {
  readonly name: string;
  readonly client: HttpClient;
  readonly errors: HttpErrors;
  readonly config: SourceConfig;
  readonly signal: AbortSignal;
  readonly close: () => void;
}

const DEFAULT_SIZE = { width: 1920, height: 1080 };
const JPEG_CAPS = 'image/jpeg';

/** What a source over HTTP turned out to send: pictures and sound that were taken apart here, or a container. */
export type OpenedHttp =
  | { readonly kind: 'elementary'; readonly streams: ElementaryStreams }
  | { readonly kind: 'container'; readonly stream: ByteStream };

/**
 * A source over HTTP: asks once, and takes what comes for Motion JPEG, single pictures, HLS or MPEG-TS.
 *
 * @throws {@link DiptychError} with what to do
 */
export async function openHttp(
  location: HttpLocation,
  config: SourceConfig,
  options: SourceOptions,
): Promise<OpenedHttp> {
  const name = maskUrl(config.url);
  const errors = new HttpErrors(name, config.timeoutS);
  const controller = new AbortController();
  const abort = (): void => controller.abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener('abort', abort);
  const { user, password } = location;
  const client = new HttpClient({
    ...(user === '' && password === '' ? {} : { credentials: { user, password } }),
    ...{ url: location.location, tls: await tlsPolicy(config.tls), timeoutS: config.timeoutS, errors },
    signal: controller.signal,
  });
  const close = (): void => {
    options.signal?.removeEventListener('abort', abort);
    controller.abort();
    client.close();
  };
  try {
    const answer = await client.get(location.location);
    const content = await sniff(answer, config.timeoutS, errors);
    const asked: Asked = { name, client, errors, config, signal: controller.signal, close };
    if (content === 'mpegts') {
      const { timeoutS, latencyMs, loop } = config;
      const again = loop && { again: (url: URL) => client.get(url) };
      const stream = await openTransportStream(answer, { ...asked, timeoutS, latencyMs, ...again });
      return { kind: 'container', stream };
    }
    return { kind: 'elementary', streams: await open(content, answer, options, asked) };
  } catch (error) {
    close();
    throw error;
  }
}

async function open(
  content: Exclude<HttpContent, 'mpegts'>,
  answer: HttpAnswer,
  { outputSize = DEFAULT_SIZE }: Pick<SourceOptions, 'outputSize'>,
  asked: Asked,
): Promise<ElementaryStreams> {
  const { errors, config } = asked;
  switch (content) {
    case 'mjpeg':
      return jpegStreams(asked, 'HTTP, Motion JPEG', (options) => readMjpeg(answer, options));
    case 'jpeg': {
      const { client, signal } = asked;
      const fps = config.pollFps;
      const poll = (options: MjpegReading): Promise<never> => pollPictures(answer, { ...options, client, fps, signal });
      return jpegStreams(asked, `HTTP, single pictures, ${fps} a second at most`, poll);
    }
    case 'page':
      throw errors.format(
        'is a page for people, not a stream; use the address of the stream itself, such as http://HOST/video.mjpg or …/index.m3u8',
      );
    case 'hls': {
      const { client, signal } = asked;
      const { timeoutS, track, loop } = config;
      const stream = await HlsStream.open(answer, {
        ...{ client, errors, timeoutS, output: outputSize, sound: track.audio, isLooped: loop, signal },
        nowMs: () => loadAddon().nowMs(),
      });
      return hlsStreams(asked, stream);
    }
    case 'other':
      throw errors.format(
        `answers with ${answer.contentType || 'something without a type'}; Motion JPEG, JPEG pictures, HLS and MPEG-TS are taken`,
      );
  }
}

function hlsStreams({ name, errors, signal, close }: Asked, stream: HlsStream): ElementaryStreams {
  const { pictures: pictureCaps = '', sound: soundCaps } = stream.tracks;
  let end: (error: DiptychError) => void = () => undefined;
  return {
    ...{ name, pictureCaps, isPaced: true, ...(soundCaps !== undefined && { soundCaps }) },
    info: { transport: 'tcp', transportReason: stream.description },
    ended: new Promise((resolve) => (end = resolve)),
    start: (feed) => {
      stream.play(feed).catch((error: unknown) => {
        if (!signal.aborted) end(error instanceof DiptychError ? error : errors.ended(String(error)));
      });
    },
    close: () => {
      close();
      return Promise.resolve();
    },
  };
}

type MjpegReading = Parameters<typeof readMjpeg>[1];

function jpegStreams(
  { name, errors, config, signal, close }: Asked,
  transportReason: string,
  read: (options: MjpegReading) => Promise<never>,
): ElementaryStreams {
  const addon = loadAddon();
  let end: (error: DiptychError) => void = () => undefined;
  return {
    ...{ name, pictureCaps: JPEG_CAPS, isPaced: false },
    info: { transport: 'tcp', transportReason, audioReason: 'Motion JPEG over HTTP has no sound' },
    ended: new Promise((resolve) => (end = resolve)),
    start: (feed: ElementaryFeed) => {
      const onPicture = (picture: Buffer): void => feed.pictures(picture, addon.nowMs());
      read({ errors, timeoutS: config.timeoutS, onPicture }).catch((error: unknown) => {
        if (!signal.aborted) end(error instanceof DiptychError ? error : errors.ended(String(error)));
      });
    },
    close: () => {
      close();
      return Promise.resolve();
    },
  };
}

/** What an answer brings, by its first bytes, which stay in its body. */
async function sniff({ body, contentType }: HttpAnswer, timeoutS: number, errors: HttpErrors): Promise<HttpContent> {
  const hasLength = body.headers['content-length'] !== undefined;
  const timer = setTimeout(() => body.destroy(errors.silent()), timeoutS * 1000);
  try {
    const begin = await new Promise<Buffer>((resolve, reject) => {
      const read = (): void => {
        const chunk = body.read() as Buffer | null;
        if (chunk === null) return;
        body.off('readable', read);
        body.unshift(chunk);
        resolve(chunk.subarray(0, SNIFFED_BYTES));
      };
      body.on('readable', read);
      body.once('end', () => resolve(Buffer.alloc(0)));
      body.once('error', reject);
      read();
    });
    return contentOf(contentType, begin, hasLength);
  } catch (error) {
    throw error instanceof DiptychError ? error : errors.ended('its connection broke before anything came');
  } finally {
    clearTimeout(timer);
  }
}
