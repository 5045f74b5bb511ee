import { describe, expect, it } from 'vitest';
import { addon, closeAfterEach, closing, distances, endOf, frames, known, open } from './source-fixture.js';
import { HlsServer, type HlsOptions } from './hls-server.js';

closeAfterEach();

async function serve(): Promise<HlsServer> {
  const server = await new HlsServer().listen();
  closing.push(() => server.close());
  return server;
}

/** Most steps are those of 30 pictures a second, and nothing is shown before its time. */
function expectEven(all: Awaited<ReturnType<typeof frames>>): void {
  const steps = distances(all);
  expect(steps.filter((step) => Math.abs(step - 1000 / 30) < 12).length).toBeGreaterThan(0.8 * steps.length);
  for (const { ptsMs, arrivedMs } of all) expect(ptsMs - arrivedMs).toBeLessThan(200);
}

describe('a source over HLS', () => {
  it.each<[string, HlsOptions, { readonly codec: string; readonly audio: string }]>([
    ['MPEG-TS', {}, { codec: 'H.264', audio: 'AAC' }],
    ['MPEG-TS with B pictures', { hasBPictures: true, audio: 'libmp3lame' }, { codec: 'H.264', audio: 'MPEG audio' }],
    ['MPEG-TS with H.265', { video: 'libx265', audio: 'ac3' }, { codec: 'H.265', audio: 'AC-3' }],
    ['MPEG-TS without sound', { audio: 'none' }, { codec: 'H.264', audio: 'none' }],
    ['fMP4', { container: 'fmp4', hasBPictures: true }, { codec: 'H.264', audio: 'AAC' }],
    ['fMP4 with H.265', { container: 'fmp4', video: 'libx265' }, { codec: 'H.265', audio: 'AAC' }],
    ['encrypted MPEG-TS', { isEncrypted: true }, { codec: 'H.264', audio: 'AAC' }],
  ])('plays %s evenly', async (_, options, codecs) => {
    const server = await serve();
    await server.encode('main', options);
    const session = await open(server.url('/main.m3u8?token=geheim'));
    const info = known(session, ({ fps, audio }) => fps !== undefined && audio !== undefined);

    const all = await frames(session, 150);

    expect(await info).toMatchObject({ ...codecs, width: 320, height: 180, transport: 'tcp' });
    expectEven(all.slice(30));
    const sound = addon.sinkStats(session.audio.graphId, session.audio.element).received;
    expect(sound > 0).toBe(codecs.audio !== 'none');
  });

  it('plays a recording in byte ranges at its speed, and again', async () => {
    const server = await serve();
    await server.encode('main', { recordingS: 4, isOneFile: true });
    const session = await open(server.url());
    const begun = performance.now();

    const all = await frames(session, 200);

    expect(performance.now() - begun).toBeGreaterThan(5000);
    expectEven(all);
    const { transportReason } = await known(session, (info) => info.transportReason !== undefined);
    expect(transportReason).toBe('HLS, a recording');
  });

  it('ends with a recording that is not to be repeated', async () => {
    const server = await serve();
    await server.encode('main', { recordingS: 2, container: 'fmp4' });

    const session = await open(server.url(), { loop: false });

    expect(await endOf(session)).toBe('DIPTYCH_E_SOURCE_ENDED');
  });

  it('takes the variant that fits the output, with its sound apart', async () => {
    const server = await serve();
    await Promise.all([
      server.encode('small', { recordingS: 4, audio: 'none' }),
      server.encode('fits', { recordingS: 4, audio: 'none', size: '640x360' }),
      server.encode('large', { recordingS: 1, audio: 'none', size: '1280x720' }),
      server.encode('tone', { recordingS: 4, size: 'none' }),
    ]);
    const variant = (name: string, size: string): string =>
      `#EXT-X-STREAM-INF:BANDWIDTH=500000,RESOLUTION=${size},CODECS="avc1.42e01e,mp4a.40.2",AUDIO="a"\n${name}.m3u8\n`;
    server.write(
      'master.m3u8',
      '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",DEFAULT=YES,URI="tone.m3u8"\n' +
        variant('small', '320x180') +
        variant('large', '1280x720') +
        variant('fits', '640x360'),
    );
    const session = await open(server.url('/master.m3u8'), {}, 'live', { outputSize: { width: 640, height: 360 } });
    const info = known(session, ({ width, audio }) => width !== undefined && audio === 'AAC');

    await frames(session, 100);

    expect(await info).toMatchObject({ width: 640, height: 360 });
    expect(addon.sinkStats(session.audio.graphId, session.audio.element).received).toBeGreaterThan(50);
  });

  it('goes on where time stamps jump, with another size, and where segments are missing', async () => {
    const server = await serve();
    await server.encode('one', { recordingS: 3 });
    await server.encode('two', {
      recordingS: 3,
      size: '640x360',
      container: 'mpegts',
      more: ['-output_ts_offset', '5000'],
    });
    const body = (name: string): string =>
      server
        .read(`${name}.m3u8`)
        .split('\n')
        .filter((line) => /^#EXTINF|\.ts$/.test(line))
        .join('\n');
    server.write(
      'main.m3u8',
      `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n${body('one')}\n#EXT-X-DISCONTINUITY\n${body('two')}\n#EXTINF:1,\ngone.ts\n#EXT-X-DISCONTINUITY\n${body('one')}\n#EXT-X-ENDLIST\n`,
    );

    const all = await frames(await open(server.url(), { loop: false }), 260);

    expect([...new Set(all.map(({ width }) => width))]).toEqual([320, 640]);
    expect(Math.max(...distances(all))).toBeLessThan(1800);
    expectEven(all);
  });

  it.each<[string, string, string, string]>([
    [
      'an address that is none',
      '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n',
      'FORMAT',
      'playlist cannot be read',
    ],
    ['a playlist that stays empty', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n', 'UNREACHABLE', 'no new segment'],
    [
      'a live stream that has ended',
      '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:90\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n',
      'ENDED',
      'has ended',
    ],
    ['sound alone', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a.40.2"\ntone.m3u8\n', 'FORMAT', 'no pictures'],
    [
      'another encryption',
      '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="k"\n#EXTINF:1,\ntone0.ts\n',
      'FORMAT',
      'SAMPLE-AES',
    ],
    [
      'segments that are gone',
      '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.ts\n#EXTINF:1,\nb.ts\n#EXTINF:1,\nc.ts\n',
      'PATH',
      '404',
    ],
  ])('says what to do about %s', async (_, playlist, code, words) => {
    const server = await serve();
    await server.encode('tone', { recordingS: 2, size: 'none' });
    server.write('main.m3u8', playlist);

    const opened = open(server.url('/main.m3u8?key=geheim'), { timeoutS: 1 });

    await expect(opened).rejects.toMatchObject({ code: `DIPTYCH_E_SOURCE_${code}` });
    await expect(opened).rejects.toThrow(words);
    await expect(opened).rejects.not.toThrow('geheim');
  });

  it('ends where a playlist stands still, and plays again when it goes on', async () => {
    const server = await serve();
    await server.encode('main');
    const session = await open(server.url(), { timeoutS: 1 });
    const ended = endOf(session);
    await known(session, ({ width }) => width !== undefined);

    await server.kill('main');

    expect(await ended).toBe('DIPTYCH_E_SOURCE_UNREACHABLE');
    await session.close();
    await server.encode('main');
    expect(await frames(await open(server.url()), 30)).toHaveLength(30);
  });
});
