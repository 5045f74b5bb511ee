import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';

/** What a sender sends, and where. */
export interface SrtSenderOptions {
  /** With parameters, as FFmpeg takes them. */
  readonly url: string;
  readonly video?: 'libx264' | 'libx265' | 'mpeg2video';
  readonly audio?: 'aac' | 'mp2' | 'ac3' | 'libopus' | 'none';
  readonly seconds?: number;
}

/** FFmpeg as the other side of SRT: a moving test picture and a tone, 30 pictures a second, a keyframe each second. */
export class SrtSender {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor({ url, video = 'libx264', audio = 'aac', seconds = 120 }: SrtSenderOptions) {
    const preset = video === 'mpeg2video' ? [] : ['-preset', 'ultrafast', '-tune', 'zerolatency'];
    this.#process = spawn(
      requireProgram('ffmpeg'),
      [
        ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-re'],
        ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30'],
        ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
        ...['-t', String(seconds), '-c:v', video, ...preset, '-pix_fmt', 'yuv420p', '-g', '30'],
        ...(audio === 'none' ? ['-an'] : ['-c:a', audio, '-ac', '2']),
        ...['-f', 'mpegts', url],
      ],
      { stdio: ['ignore', 'ignore', 'ignore'] },
    );
    this.#exited = once(this.#process, 'exit');
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** As a machine that is switched off: nobody is told. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }
}

/** A UDP port of loopback that nobody uses. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
