import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';
import { HttpCamera, type Answer } from './http-camera.js';

/** What FFmpeg packs. */
export interface HlsOptions {
  readonly container?: 'mpegts' | 'fmp4';
  readonly video?: 'libx264' | 'libx265';
  /** Without pictures: `none`. */
  readonly size?: string;
  readonly audio?: 'aac' | 'ac3' | 'libmp3lame' | 'none';
  /** Of segments, s. */
  readonly segmentS?: number;
  /** B pictures, which are decoded in another order than shown. */
  readonly hasBPictures?: boolean;
  /** A file of so many seconds, written as fast as it goes. @defaultValue live */
  readonly recordingS?: number;
  readonly isEncrypted?: boolean;
  /** All segments in one file. */
  readonly isOneFile?: boolean;
  /** More of FFmpeg's options for the output. */
  readonly more?: readonly string[];
}

const KEY = '0123456789abcdef';

/** A server of HLS whose streams FFmpeg makes: a moving test picture and a tone, 30 pictures a second. */
export class HlsServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'diptych-hls-'));
  readonly #server: HttpCamera;
  readonly #encoders = new Map<string, ChildProcess>();
  /** Answers before the files do; true: it has answered. */
  intercept: (...call: Parameters<Answer>) => boolean = () => false;

  constructor() {
    this.#server = new HttpCamera((request, response) => {
      if (this.intercept(request, response)) return;
      const path = join(this.folder, new URL(request.url ?? '', 'http://x').pathname.slice(1));
      if (!existsSync(path)) {
        response.writeHead(404).end();
        return;
      }
      const bytes = readFileSync(path);
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (first === undefined) response.end(bytes);
      else response.writeHead(206).end(bytes.subarray(Number(first), Number(last) + 1));
    });
  }

  async listen(port = 0): Promise<this> {
    await this.#server.listen(port);
    return this;
  }

  get port(): number {
    return this.#server.port;
  }

  get requests(): HttpCamera['requests'] {
    return this.#server.requests;
  }

  url(path = '/main.m3u8'): string {
    return this.#server.url(path);
  }

  /** Begins a stream `NAME.m3u8`; a recording is complete when this resolves, something live has its first segments. */
  async encode(name: string, options: HlsOptions = {}): Promise<void> {
    const { recordingS, segmentS = 1 } = options;
    const encoder = spawn(requireProgram('ffmpeg'), this.#arguments(name, options), {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#encoders.set(name, encoder);
    if (recordingS === undefined) {
      const playlist = join(this.folder, `${name}.m3u8`);
      while (!existsSync(playlist) || readFileSync(playlist, 'utf8').split('#EXTINF').length < 3) {
        await new Promise((resolve) => setTimeout(resolve, 100 * segmentS));
      }
    } else await once(encoder, 'exit');
  }

  /** The encoder is gone at once. */
  async kill(name: string): Promise<void> {
    const encoder = this.#encoders.get(name);
    if (!encoder || encoder.exitCode !== null || encoder.signalCode !== null) return;
    encoder.kill('SIGKILL');
    await once(encoder, 'exit');
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Nobody listens any more; the encoders go on. */
  stopListening(): Promise<void> {
    return this.#server.close();
  }

  async close(): Promise<void> {
    for (const name of this.#encoders.keys()) await this.kill(name);
    await this.#server.close();
    rmSync(this.folder, { recursive: true });
  }

  #arguments(name: string, options: HlsOptions): string[] {
    const { container = 'mpegts', video = 'libx264', size = '320x180', audio = 'aac', segmentS = 1 } = options;
    const { hasBPictures = false, recordingS, isEncrypted = false, isOneFile = false, more = [] } = options;
    const pace = recordingS === undefined ? ['-re'] : [];
    if (isEncrypted) {
      writeFileSync(join(this.folder, 'key.bin'), KEY);
      writeFileSync(join(this.folder, 'keyinfo'), 'key.bin\nkey.bin\n00112233445566778899aabbccddeeff\n');
    }
    const tune = hasBPictures ? ['-bf', '2'] : ['-tune', 'zerolatency'];
    const pictures = [
      '-c:v',
      video,
      '-preset',
      'ultrafast',
      ...tune,
      '-pix_fmt',
      'yuv420p',
      '-g',
      String(30 * segmentS),
    ];
    const flags = [...(recordingS === undefined ? ['delete_segments'] : []), ...(isOneFile ? ['single_file'] : [])];
    return [
      ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
      ...(size === 'none' ? [] : [...pace, '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`]),
      ...(audio === 'none' ? [] : [...pace, '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000']),
      ...(recordingS === undefined ? ['-t', '300'] : ['-t', String(recordingS)]),
      ...(size === 'none' ? [] : pictures),
      ...(audio === 'none' ? [] : ['-c:a', audio, '-ac', '2']),
      ...['-f', 'hls', '-hls_time', String(segmentS), '-hls_list_size', recordingS === undefined ? '6' : '0'],
      ...['-hls_segment_type', container, '-hls_fmp4_init_filename', `${name}-init.mp4`],
      ...(flags.length === 0 ? [] : ['-hls_flags', flags.join('+')]),
      ...(isEncrypted ? ['-hls_key_info_file', 'keyinfo'] : []),
      ...more,
      `${name}.m3u8`,
    ];
  }
}
