import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';
import { JpegSplitter } from '#src/stream/http/jpeg-splitter.js';

/** So many different pictures, after which they begin again. */
const PICTURES = 30;

/** JPEG pictures of a moving test picture, as FFmpeg encodes them. */
export function jpegPictures(size = '320x180'): Buffer[] {
  const { stdout } = spawnSync(
    requireProgram('ffmpeg'),
    [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`],
      ...['-frames:v', String(PICTURES), '-c:v', 'mjpeg', '-q:v', '4', '-f', 'mjpeg', '-'],
    ],
    { maxBuffer: 1 << 28 },
  );
  return new JpegSplitter().push(stdout);
}

/** How a camera answers a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Key and certificate, PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A camera that is asked by HTTP. */
export class HttpCamera {
  readonly #server: ReturnType<typeof createServer> | ReturnType<typeof createSecureServer>;
  readonly #sockets = new Set<Socket>();
  readonly #isSecure: boolean;
  /** Paths that were asked for, each with its `Authorization`. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[] = [];

  constructor(answer: Answer, identity?: Identity) {
    const listener: Answer = (request, response) => {
      this.requests.push({ path: request.url ?? '', authorization: request.headers.authorization });
      answer(request, response);
    };
    this.#isSecure = identity !== undefined;
    this.#server = identity ? createSecureServer(identity, listener) : createServer(listener);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/'): string {
    return `${this.#isSecure ? 'https' : 'http'}://127.0.0.1:${this.port}${path}`;
  }

  /** All connections break, and nobody listens any more. Idempotent. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** How Motion JPEG is written. */
export interface MjpegStyle {
  readonly contentType?: string;
  /** What stands before a picture of so many bytes. */
  readonly head?: (bytes: number) => string;
  readonly tail?: string;
  readonly fps?: number;
  /** So many pictures, then nothing more comes. */
  readonly stallsAfter?: number;
  /** So many pictures, then the answer ends. */
  readonly endsAfter?: number;
}

/** Sends Motion JPEG for as long as somebody reads it. */
export function sendMjpeg(response: ServerResponse, pictures: readonly Buffer[], style: MjpegStyle = {}): void {
  const {
    contentType = 'multipart/x-mixed-replace; boundary=frame',
    head = (bytes) => `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${bytes}\r\n\r\n`,
    tail = '\r\n',
    fps = 25,
    stallsAfter = Number.POSITIVE_INFINITY,
    endsAfter = Number.POSITIVE_INFINITY,
  } = style;
  response.writeHead(200, contentType === '' ? {} : { 'content-type': contentType });
  let sent = 0;
  const timer = setInterval(() => {
    if (sent >= stallsAfter) return;
    if (sent >= endsAfter) {
      response.end();
      clearInterval(timer);
      return;
    }
    const picture = pictures[sent % pictures.length] ?? Buffer.alloc(0);
    sent += 1;
    response.write(Buffer.concat([Buffer.from(head(picture.length)), picture, Buffer.from(tail)]));
  }, 1000 / fps);
  response.on('close', () => clearInterval(timer));
}

const md5 = (text: string, hash = 'md5'): string => createHash(hash).update(text).digest('hex');

/** Whether a request has the right answer to a challenge with this nonce, of `admin` with this password. */
export function isAuthorized(request: IncomingMessage, password: string, hash = 'md5'): boolean {
  const text = request.headers.authorization ?? '';
  if (text.startsWith('Basic ')) return Buffer.from(text.slice(6), 'base64').toString() === `admin:${password}`;
  const field = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(text)?.[1] ?? '';
  const key = md5(`admin:cam:${password}`, hash);
  const asked = md5(`GET:${request.url ?? ''}`, hash);
  const response = md5(`${key}:${field('nonce')}:${field('nc')}:${field('cnonce')}:auth:${asked}`, hash);
  return text.startsWith('Digest ') && field('response') === response;
}
