import { describe, expect, it } from 'vitest';
import { parsePlaylist, type MediaPlaylist } from '#src/stream/hls/hls-playlist.js';
import { isRestarted, remainingS, startPosition, unitAt } from '#src/stream/hls/playlist-position.js';
import { chooseVariant } from '#src/stream/hls/variant-choice.js';

const URL_OF_PLAYLIST = new URL('https://cdn.example/live/main.m3u8?token=1');

function media(text: string): MediaPlaylist {
  const playlist = parsePlaylist(`#EXTM3U\n${text}`, URL_OF_PLAYLIST);
  if (playlist.kind !== 'media') throw new Error('a playlist of segments was expected');
  return playlist;
}

const segments = (from: number, count: number, length = 2): string =>
  `#EXT-X-TARGETDURATION:${length}\n#EXT-X-MEDIA-SEQUENCE:${from}\n${Array.from({ length: count }, (_, index) => `#EXTINF:${length},\ns${from + index}.ts\n`).join('')}`;

const LOW_LATENCY = `#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.2
#EXT-X-PART-INF:PART-TARGET=0.5
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2,
s7.mp4
#EXT-X-PART:DURATION=0.5,URI="s8.0.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="s8.1.mp4"
#EXT-X-PART:DURATION=0.5,URI="s8.2.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.5,URI="s8.3.mp4"
#EXTINF:2,
s8.mp4
#EXT-X-PART:DURATION=0.5,URI="s9.0.mp4",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="s9.1.mp4"
`;

describe('parsePlaylist', () => {
  it('resolves addresses, byte ranges, keys and initialisation sections', () => {
    const { segments: found } = media(
      '#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:258\n#EXT-X-MAP:URI="/init.mp4",BYTERANGE="10@5"\n' +
        '#EXT-X-KEY:METHOD=AES-128,URI="key?k=1"\n#EXTINF:4,\n#EXT-X-BYTERANGE:100@20\nall.mp4\n' +
        '#EXTINF:4,\n#EXT-X-BYTERANGE:50\nall.mp4\n#EXT-X-KEY:METHOD=NONE\n#EXT-X-DISCONTINUITY\n#EXTINF:4,\nhttp://other/x.mp4\n',
    );

    expect(found.map(({ whole }) => [whole?.uri, whole?.range])).toEqual([
      ['https://cdn.example/live/all.mp4', { offset: 20, length: 100 }],
      ['https://cdn.example/live/all.mp4', { offset: 120, length: 50 }],
      ['http://other/x.mp4', undefined],
    ]);
    expect(found[0]?.map).toEqual({ uri: 'https://cdn.example/init.mp4', range: { offset: 5, length: 10 } });
    expect(found[0]?.key).toMatchObject({ method: 'AES-128', uri: 'https://cdn.example/live/key?k=1' });
    expect(Buffer.from(found[0]?.key?.iv ?? []).toString('hex')).toBe('00000000000000000000000000000102');
    expect(found[2]?.key).toBeUndefined();
    expect(found.map(({ discontinuity }) => discontinuity)).toEqual([0, 0, 1]);
  });

  it('refuses numbers that cannot be counted on', () => {
    expect(() => media(segments(2 ** 53, 1))).toThrow('too large');
  });

  it.each(['file:///etc/passwd', 'http://[', 'data:video/mp2t,x'])('refuses the address %s', (uri) => {
    expect(() => media(`#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${uri}\n`)).toThrow(/address/);
  });

  it.each([
    ['#EXT-X-PLAYLIST-TYPE:VOD', 40, true],
    ['#EXT-X-PLAYLIST-TYPE:EVENT', 40, true],
    ['', 0, true],
    ['', 40, false],
  ])('tells a recording from a live stream that has ended: %s from %i', (type, from, isRecording) => {
    expect(media(`${type}\n${segments(from, 3)}#EXT-X-ENDLIST\n`)).toMatchObject({ isEnded: true, isRecording });
  });
});

describe('the position in a playlist', () => {
  it('begins three target durations from the end of what is live', () => {
    expect(startPosition(media(segments(10, 8)))).toEqual({ sequence: 15, part: 0 });
    expect(startPosition(media(`#EXT-X-SERVER-CONTROL:HOLD-BACK=7\n${segments(10, 8)}`))).toEqual({
      sequence: 14,
      part: 0,
    });
    expect(startPosition(media(segments(10, 2)))).toEqual({ sequence: 10, part: 0 });
    expect(startPosition(media(`#EXT-X-PLAYLIST-TYPE:VOD\n${segments(0, 8)}#EXT-X-ENDLIST\n`))).toEqual({
      sequence: 0,
      part: 0,
    });
  });

  it('begins with a part, and goes from part to part', () => {
    const playlist = media(LOW_LATENCY);

    const read: (string | undefined)[] = [];
    let at = startPosition(playlist);
    for (let found = unitAt(playlist, at); found; found = unitAt(playlist, at)) {
      read.push(found.unit.uri.split('/').at(-1));
      expect(found.segment.map?.uri).toBe('https://cdn.example/live/init.mp4');
      at = found.next;
    }

    expect(playlist).toMatchObject({ partS: 0.5, holdBackS: 1.2 });
    expect(read).toEqual(['s8.2.mp4', 's8.3.mp4', 's9.0.mp4']);
    expect(at).toEqual({ sequence: 9, part: 1 });
  });

  it('passes over what is gone, and notices a playlist that began anew', () => {
    const playlist = media(segments(20, 3));

    expect(unitAt(playlist, { sequence: 5, part: 2 })?.segment.sequence).toBe(20);
    expect(unitAt(playlist, { sequence: 23, part: 0 })).toBeUndefined();
    expect(remainingS(playlist, { sequence: 21, part: 0 })).toBe(4);
    expect(isRestarted(playlist, { sequence: 23, part: 0 })).toBe(false);
    expect(isRestarted(playlist, { sequence: 90, part: 0 })).toBe(true);
  });
});

describe('chooseVariant', () => {
  const variant = (name: string, height: number | undefined, codecs?: string, bandwidth = 1) => ({
    ...{ uri: name, bandwidth, sounds: [] },
    ...(height === undefined ? {} : { size: { width: (height * 16) / 9, height } }),
    ...(codecs === undefined ? {} : { codecs }),
  });

  it.each([
    ['the smallest that is enough', [variant('360', 360), variant('1440', 1440), variant('1080', 1080)], '1080'],
    ['the largest where none is', [variant('360', 360), variant('720', 720)], '720'],
    ['more bits of the same size', [variant('low', 1080, 'avc1', 1), variant('high', 1080, 'avc1', 9)], 'high'],
    ['what can be decoded', [variant('av1', 1080, 'av01.0.04M.08'), variant('avc', 360, 'avc1.42e01e')], 'avc'],
    ['pictures before sound', [variant('sound', undefined, 'mp4a.40.2', 9), variant('avc', 90, 'avc1')], 'avc'],
    [
      'bits where no size is said',
      [variant('low', undefined, undefined, 1), variant('high', undefined, undefined, 9)],
      'high',
    ],
  ])('takes %s', (_, variants, name) => {
    expect(chooseVariant(variants, { width: 1920, height: 1080 })?.uri).toBe(name);
  });
});
