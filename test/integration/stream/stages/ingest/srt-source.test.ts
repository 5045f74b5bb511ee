import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { addon, closeAfterEach, closing, distances, endOf, frames, known, open } from './source-fixture.js';
import { freeUdpPort, SrtSender, type SrtSenderOptions } from './srt-sender.js';

closeAfterEach();

/** FFmpeg takes no escapes in it. */
const sent = 'correct-horse-battery';

function send(options: SrtSenderOptions): SrtSender {
  const sender = new SrtSender(options);
  closing.push(() => sender.kill());
  return sender;
}

/** A sender that waits to be called, which it is ready for a moment later. */
async function called(parameters = '', options: Partial<SrtSenderOptions> = {}): Promise<string> {
  const port = await freeUdpPort();
  send({ ...options, url: `srt://127.0.0.1:${port}?mode=listener${parameters}` });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  return `srt://127.0.0.1:${port}`;
}

describe('a source over SRT', () => {
  it.each([
    { video: 'libx264', audio: 'aac', names: ['H.264', 'AAC'] },
    { video: 'libx264', audio: 'mp2', names: ['H.264', 'MPEG audio'] },
    { video: 'libx265', audio: 'ac3', names: ['H.265', 'AC-3'] },
    { video: 'libx264', audio: 'libopus', names: ['H.264', 'Opus'] },
    { video: 'libx264', audio: 'none', names: ['H.264', 'none'] },
  ] as const)('that is called plays $video with $audio evenly, at once', async ({ names, ...options }) => {
    const session = await open(await called('', options));
    const info = known(session, ({ fps, audio }) => fps !== undefined && audio !== undefined);

    const all = await frames(session, 150);

    expect(await info).toMatchObject({ codec: names[0], audio: names[1], width: 320, height: 180, transport: 'udp' });
    const steps = distances(all).slice(60);
    expect(steps.filter((step) => Math.abs(step - 1000 / 30) < 8).length).toBeGreaterThan(0.8 * steps.length);
    // The time at which a muxer wants its pictures shown lies 0.7 s ahead, and later than that is not needed.
    const ahead = all.slice(60).map(({ ptsMs, arrivedMs }) => ptsMs - arrivedMs);
    expect(Math.max(...ahead)).toBeLessThan(60);
    expect(Math.min(...ahead)).toBeGreaterThan(-1000);
    const sound = addon.sinkStats(session.audio.graphId, session.audio.element).received;
    expect(sound > 0).toBe(options.audio !== 'none');
  });

  it('that calls is taken, encrypted, and told', async () => {
    const port = await freeUdpPort();
    send({ url: `srt://127.0.0.1:${port}?passphrase=${sent}&pbkeylen=32&streamid=any` });

    const session = await open(`srt://127.0.0.1:${port}?mode=listener&passphrase=${sent}`);

    expect(await frames(session, 20)).toHaveLength(20);
    const { transportReason } = await known(session, (info) => info.transportReason !== undefined);
    expect(transportReason).toBe(`SRT, called at 127.0.0.1:${port}, encrypted`);
  });

  it('takes the passphrase of source.password as it is', async () => {
    const session = await open(await called(`&passphrase=${sent}`), { password: sent });

    expect(await frames(session, 5)).toHaveLength(5);
  });

  it.each([
    ['another passphrase', `&passphrase=${sent}`, '?passphrase=wrong-wrong', 'AUTH', 'refuses the passphrase'],
    ['no passphrase', `&passphrase=${sent}`, '', 'AUTH', 'asks for a passphrase'],
  ])('refuses a call with %s, in words', async (_, theirs, ours, code, words) => {
    const url = await called(theirs);

    const opened = open(`${url}${ours}`);

    await expect(opened).rejects.toMatchObject({ code: `DIPTYCH_E_SOURCE_${code}` });
    await expect(opened).rejects.toThrow(words);
    await expect(opened).rejects.not.toThrow('wrong-wrong');
  });

  it('has words for a port where nobody is, an unknown name, and a sender that does not come', async () => {
    const port = await freeUdpPort();

    await expect(open(`srt://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_REFUSED' });
    await expect(open(`srt://no-such-host.invalid:${port}`)).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_NAME' });
    await expect(open(`srt://127.0.0.1:${port}?mode=listener`, { timeoutS: 2 })).rejects.toMatchObject({
      code: 'DIPTYCH_E_SOURCE_UNPUBLISHED',
    });
  });

  it('has words for a port that is taken', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    closing.push(async () => {
      other.close();
      await once(other, 'close');
    });

    await expect(open(`srt://127.0.0.1:${other.address().port}?mode=listener`)).rejects.toMatchObject({
      code: 'DIPTYCH_E_CONFLICT',
    });
  });

  it('that sends no picture we know is told so', async () => {
    await expect(open(await called('', { video: 'mpeg2video' }))).rejects.toMatchObject({
      code: 'DIPTYCH_E_SOURCE_FORMAT',
    });
  });

  it('notices a sender that vanishes, and takes it again', async () => {
    const port = await freeUdpPort();
    const url = `srt://127.0.0.1:${port}`;
    const sender = send({ url });
    const session = await open(`${url}?mode=listener`, { timeoutS: 2 });
    const ended = endOf(session);
    await known(session, ({ width }) => width !== undefined);

    await sender.kill();

    expect(await ended).toBe('DIPTYCH_E_SOURCE_UNREACHABLE');
    await session.close();
    send({ url });
    expect(await frames(await open(`${url}?mode=listener`), 5)).toHaveLength(5);
  });
});
