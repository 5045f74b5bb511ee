import { describe, expect, it } from 'vitest';
import { parseRtpCaps } from '#src/stream/stages/ingest/rtp-caps.js';
import { playableSound, soundCodecOf } from '#src/stream/stages/ingest/sound-codec.js';
import { explainSoundError } from '#src/stream/stages/ingest/sound-error.js';

const caps = (fields: string): string => `application/x-rtp, media=(string)audio, ${fields}, clock-rate=(int)8000`;

describe('parseRtpCaps', () => {
  it.each([
    ['payload=(int)0, encoding-name=(string)PCMU', { media: 'audio', payload: 0, encoding: 'PCMU' }],
    ['payload=(int)9', { media: 'audio', payload: 9, encoding: 'G722' }],
    ['payload=(int)97, encoding-name=(string)mpeg4-generic', { payload: 97, encoding: 'MPEG4-GENERIC' }],
    ['payload=(int)97, config=(string)1188, encoding-name=(string)X', { hasConfiguration: true }],
    ['payload=(int)97, a-note=(string)"encoding-name\\=\\(string\\)PCMU, x"', { payload: 97, hasConfiguration: false }],
  ])('%s', (fields, expected) => {
    expect(parseRtpCaps(caps(fields))).toMatchObject(expected);
  });

  it('leaves a payload type open that stands for nothing', () => {
    expect(parseRtpCaps(caps('payload=(int)97'))).not.toHaveProperty('encoding');
  });
});

describe('playableSound', () => {
  it.each([
    ['payload=(int)8', 'G.711 A-law'],
    ['payload=(int)14', 'MPEG audio'],
    ['payload=(int)96, encoding-name=(string)G726-32', 'G.726, 32 kbit/s'],
    ['payload=(int)96, encoding-name=(string)AC3', 'AC-3'],
    ['payload=(int)96, encoding-name=(string)MPEG4-GENERIC, config=(string)1188', 'AAC'],
  ])('%s is %s', (fields, name) => {
    expect(playableSound(parseRtpCaps(caps(fields)))).toMatchObject({ name });
  });

  it.each([
    ['payload=(int)96, encoding-name=(string)MPEG4-GENERIC', /configuration/],
    ['payload=(int)96, encoding-name=(string)VORBIS-X', /VORBIS-X/],
    ['payload=(int)96', /without its codec/],
  ])('%s is silence: %s', (fields, reason) => {
    expect(playableSound(parseRtpCaps(caps(fields)))).toMatch(reason);
  });

  it('packs G.726 as RFC 3551 says, and AAL2 the other way round', () => {
    expect(soundCodecOf('G726-40')?.launch).toContain('force-aal2=false');
    expect(soundCodecOf('AAL2-G726-40')?.launch).toContain('force-aal2=true');
  });
});

describe('an error of a graph of sound', () => {
  const error = { type: 'error', domain: 'gst-stream-error-quark', code: 1, element: 'rtp' } as const;

  it.each([
    ['streaming stopped, reason not-negotiated (-4)', /format/],
    ['streaming stopped, reason error (-5)', /gave up \(error\)/],
    ['somewhere', /It broke/],
  ])('%s', (debug, expected) => {
    expect(explainSoundError({ ...error, text: 'It broke', debug })).toMatch(expected);
  });
});
