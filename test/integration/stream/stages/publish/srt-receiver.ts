import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, truncate } from 'node:fs/promises';
import { promisify } from 'node:util';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';

const run = promisify(execFile);
const QUIET = { stdio: 'ignore' } as const;

/** A packet that was received, in its order. */
interface Packet {
  readonly codec_type: 'video' | 'audio';
  readonly dts_time: string;
  readonly flags: string;
}

/** What ffprobe says of a recording. */
export interface Received {
  readonly codecs: readonly Readonly<Record<string, unknown>>[];
  /** Decoding times, s. */
  readonly dtsS: Readonly<Record<'video' | 'audio', readonly number[]>>;
  /** Whether the first picture is a keyframe. */
  readonly beginsWithKeyframe: boolean;
}

/** The other side of SRT: takes MPEG-TS and writes it to a file as it comes. */
export class SrtReceiver {
  readonly file: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** @param by - FFmpeg writes the transport stream anew, GStreamer writes the bytes that it got */
  constructor(url: string, file: string, by: 'ffmpeg' | 'gstreamer' = 'gstreamer') {
    this.file = file;
    const copied = ['-c', 'copy', '-copyts', '-flush_packets', '1'];
    this.#process =
      by === 'ffmpeg'
        ? spawn(requireProgram('ffmpeg'), ['-v', 'error', '-nostdin', '-y', '-i', url, ...copied, file], QUIET)
        : spawn(
            requireProgram('gst-launch-1.0'),
            [
              ...['-q', 'srtsrc', `uri=${url}`, 'auto-reconnect=false'],
              ...['!', 'filesink', `location=${file}`, 'buffer-mode=unbuffered'],
            ],
            QUIET,
          );
    this.#exited = once(this.#process, 'exit');
  }

  /** Resolves once it has ended. */
  get over(): Promise<unknown> {
    return this.#exited;
  }

  /** Bytes on the disk so far. */
  async bytes(): Promise<number> {
    return (await stat(this.file).catch(() => undefined))?.size ?? 0;
  }

  /** As a machine that is switched off: nobody is told. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  /** Reads nothing any more until it goes on. */
  pause(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Goes on. */
  resume(): void {
    this.#process.kill('SIGCONT');
  }

  /** Ends with a goodbye. */
  async stop(): Promise<void> {
    this.#process.kill('SIGINT');
    await this.#exited;
  }
}

/** Takes a recording apart. */
export async function readTransportStream(file: string): Promise<Received> {
  const arguments_ = ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', file];
  const { stdout } = await run('ffprobe', arguments_, { maxBuffer: 64 << 20 });
  const { streams, packets } = JSON.parse(stdout) as { streams: Record<string, unknown>[]; packets: Packet[] };
  const of = (type: string): number[] =>
    packets.filter(({ codec_type }) => codec_type === type).map(({ dts_time }) => Number(dts_time));
  const first = packets.find(({ codec_type }) => codec_type === 'video');
  return {
    codecs: streams,
    dtsS: { video: of('video'), audio: of('audio') },
    beginsWithKeyframe: first?.flags.startsWith('K') ?? false,
  };
}

/**
 * What a decoder has to say of all of a recording but its last picture, which was cut off; nothing where it plays from
 * beginning to end.
 */
export async function decodingProblems(file: string, { codecs }: Received): Promise<string> {
  const pid = Number(codecs.find(({ codec_type }) => codec_type === 'video')?.['id']);
  await truncate(file, lastUnit(await readFile(file), pid));
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-']);
  return stderr;
}

const PACKET_BYTES = 188;

/** Where the last unit of a stream begins in an MPEG transport stream. */
function lastUnit(bytes: Buffer, pid: number): number {
  for (let at = (Math.floor(bytes.length / PACKET_BYTES) - 1) * PACKET_BYTES; at > 0; at -= PACKET_BYTES) {
    const word = bytes.readUInt16BE(at + 1);
    if ((word & 0x1fff) === pid && (word & 0x4000) !== 0) return at;
  }
  return 0;
}
