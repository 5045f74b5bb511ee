import { codedSound, rawSound } from './clips.js';

/** Sound that ffmpeg encodes, by how it is sent. */
export interface SoundFormat {
  /** Absent: a dynamic one. */
  readonly payloadType?: number;
  readonly rtpmap: string;
  readonly clockRate: number;
  /** From one packet to the next, s. */
  readonly periodS: number;
  /** Whether each packet ends a frame; else the marker is for the beginning of a talk spurt, of which there is none. */
  readonly isMarked?: boolean;
  /** Before each frame. */
  readonly head?: Buffer;
  /** The frames of a tone, in order. */
  frames(hz: number): Promise<readonly Buffer[]>;
}

const PACKET_S = 0.02;
const NARROW_HZ = 8000;
const WIDE_HZ = 48_000;

/** RFC 3551, section 4.5.4; AAL2 has the code words in the other order. */
function g726(kbps: number, isAal2: boolean): SoundFormat {
  const bytes = (kbps * 1000 * PACKET_S) / 8;
  const muxer = isAal2 ? 'g726' : 'g726le';
  const encoder = ['-ar', String(NARROW_HZ), '-c:a', muxer, '-code_size', String(kbps / 8)];
  return {
    ...{ rtpmap: `${isAal2 ? 'AAL2-' : ''}G726-${kbps}/8000`, clockRate: NARROW_HZ, periodS: PACKET_S },
    frames: (hz) => rawSound({ hz, encoder, muxer }, bytes),
  };
}

/** RFC 2250, section 3.5. */
const mpa = (encoder: readonly string[], muxer: string): SoundFormat => ({
  ...{ payloadType: 14, rtpmap: 'MPA/90000', clockRate: 90_000, periodS: 1152 / WIDE_HZ, head: Buffer.alloc(4) },
  frames: (hz) => codedSound({ hz, encoder: ['-ar', String(WIDE_HZ), ...encoder], muxer }),
});

/** By the names that tracks have. */
export const SOUNDS = {
  g722: {
    ...{ payloadType: 9, rtpmap: 'G722/8000', clockRate: NARROW_HZ, periodS: PACKET_S },
    frames: (hz) => rawSound({ hz, encoder: ['-ar', '16000', '-c:a', 'g722'], muxer: 'g722' }, 160),
  },
  gsm: {
    ...{ payloadType: 3, rtpmap: 'GSM/8000', clockRate: NARROW_HZ, periodS: PACKET_S },
    frames: (hz) => rawSound({ hz, encoder: ['-ar', '8000', '-c:a', 'libgsm'], muxer: 'gsm' }, 33),
  },
  'g726-16': g726(16, false),
  'g726-24': g726(24, false),
  'g726-32': g726(32, false),
  'g726-40': g726(40, false),
  'aal2-g726-24': g726(24, true),
  'aal2-g726-32': g726(32, true),
  'aal2-g726-40': g726(40, true),
  mp2: mpa(['-c:a', 'mp2', '-b:a', '64k'], 'mp2'),
  mp3: mpa(['-c:a', 'libmp3lame', '-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0'], 'mp3'),
  ac3: {
    // RFC 4184, section 4.1: whole frames, one of them.
    ...{ rtpmap: 'ac3/48000', clockRate: WIDE_HZ, periodS: 1536 / WIDE_HZ, head: Buffer.from([0, 1]), isMarked: true },
    frames: (hz) => codedSound({ hz, encoder: ['-ar', '48000', '-c:a', 'ac3', '-b:a', '96k'], muxer: 'ac3' }),
  },
  opus: {
    ...{ rtpmap: 'opus/48000/2', clockRate: WIDE_HZ, periodS: PACKET_S },
    frames: (hz) => codedSound({ hz, encoder: ['-ar', '48000', '-c:a', 'libopus', '-b:a', '48k'], muxer: 'ogg' }),
  },
} as const satisfies Readonly<Record<string, SoundFormat>>;

export type SoundName = keyof typeof SOUNDS;
