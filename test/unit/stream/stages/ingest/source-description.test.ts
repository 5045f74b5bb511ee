import { describe, expect, it } from 'vitest';
import type { DecoderChoice } from '#src/stream/stages/ingest/decoder-choice.js';
import {
  describeDecoding,
  describeFile,
  mergeInfo,
  type FileFacts,
} from '#src/stream/stages/ingest/source-description.js';

const decoder: DecoderChoice = {
  codec: 'h264',
  element: 'nvh264dec',
  launch: '',
  output: '',
  memory: 'cuda',
  isHardware: true,
  reason: 'decodes on the NVIDIA GPU',
  rejected: [],
  isAvailable: true,
};
const nothing: FileFacts = {
  tags: {},
  hasNoSound: false,
  hasFrames: false,
  known: {},
  chosen: undefined,
  notes: [],
  factories: () => ['filesrc', 'mpegvideoparse', 'avdec_aac', 'avdec_h264'],
};

describe('describeFile', () => {
  it.each([
    { name: 'nothing known', facts: {}, info: {} },
    {
      name: 'codecs in tags',
      facts: { tags: { 'video-codec': 'H.264 (High Profile)', 'audio-codec': 'MPEG-4 AAC' } },
      info: { codec: 'H.264', audio: 'AAC' },
    },
    ...[
      ['H264', 'MPEG-4 AAC audio', 'H.264', 'AAC'],
      ['H.264 / AVC', 'AAC (Advanced Audio Coding)', 'H.264', 'AAC'],
      ['HEVC (Main Profile)', 'MPEG-1 Layer 3 (MP3)', 'H.265', 'MPEG audio'],
      ['H.265 / HEVC', 'MP3 (MPEG audio layer 3)', 'H.265', 'MPEG audio'],
      ['Motion JPEG', 'Opus audio', 'Motion JPEG', 'Opus'],
      ['JPEG still images', 'Vorbis', 'Motion JPEG', 'Vorbis'],
      ['VP8 video', 'FLAC (free)', 'VP8', 'FLAC'],
      ['On2 VP9', 'Mu-Law audio', 'VP9', 'G.711 µ-law'],
      ['Theora', 'A-Law audio', 'Theora', 'G.711 A-law'],
      ['MPEG-2 video', 'ATSC A/52 (AC-3)', 'MPEG-2 video', 'AC-3'],
      ['MPEG-4 video', 'µ-Law', 'MPEG-4 video', 'G.711 µ-law'],
    ].map(([video = '', sound = '', codec, audio]) => ({
      name: `${video} and ${sound}`,
      facts: { tags: { 'video-codec': video, 'audio-codec': sound } },
      info: { codec, audio },
    })),
    { name: 'no sound', facts: { hasNoSound: true }, info: { audio: 'none' } },
    { name: 'frames, no tags', facts: { hasFrames: true }, info: { audio: 'unknown', decoder: 'avdec_h264' } },
    {
      name: 'learned before',
      facts: { hasFrames: true, known: { audio: 'Opus', decoder: 'vp8dec' } },
      info: { audio: 'Opus', decoder: 'vp8dec' },
    },
    {
      name: 'a chosen decoder',
      facts: { chosen: decoder, notes: ['x failed'] },
      info: { decoder: 'nvh264dec', decoderReason: 'decodes on the NVIDIA GPU; x failed' },
    },
  ])('says what is known: $name', ({ facts, info }) => {
    expect(describeFile({ ...nothing, ...facts })).toEqual(info);
  });
});

describe('describeDecoding', () => {
  it.each([
    { name: 'nothing', video: undefined, chosen: undefined, info: {} },
    {
      name: 'pictures',
      video: 'H.264',
      chosen: decoder,
      info: {
        codec: 'H.264',
        decoder: 'nvh264dec',
        decoderReason: 'decodes on the NVIDIA GPU; y failed',
      },
    },
  ])('says what is known: $name', ({ video, chosen, info }) => {
    expect(describeDecoding(video, chosen, ['y failed'])).toEqual(info);
  });
});

describe('mergeInfo', () => {
  it('adds what is new, and is undefined where nothing is', () => {
    expect(mergeInfo({ codec: 'H.264' }, { codec: 'H.264', fps: 25 })).toEqual({ codec: 'H.264', fps: 25 });
    expect(mergeInfo({ codec: 'H.264', fps: 25 }, { fps: 25 })).toBeUndefined();
  });
});
