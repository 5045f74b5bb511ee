import { describe, expect, it } from 'vitest';
import type { Publication, ReceivingPorts } from '#src/shared/ipc/messages.js';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { freeUdpPorts } from '#src/stream/stages/encode/free-ports.adapter.js';
import type { SourceSession } from '#src/stream/stages/ingest/source-session.adapter.js';
import { closeAfterEach, closing, frames, known, open, read, until } from './source-fixture.js';

closeAfterEach();

const ENCODERS = {
  H264: 'x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 ! video/x-h264,profile=constrained-baseline ! rtph264pay pt=96 config-interval=-1',
  VP8: 'vp8enc deadline=1 cpu-used=8 keyframe-max-dist=60 ! rtpvp8pay pt=96',
  VP9: 'vp9enc deadline=1 cpu-used=8 keyframe-max-dist=60 ! rtpvp9pay pt=96',
} as const;
type Encoding = keyof typeof ENCODERS;
const AUDIO = { encoding: 'OPUS', payloadType: 97, clockRate: 48_000 };

const publicationOf = (encoding: string, from: Publication['from'], hasSound = true): Publication => ({
  id: 'one',
  from,
  video: { encoding, payloadType: 96, clockRate: 90_000 },
  ...(hasSound && { audio: AUDIO }),
});

interface Published {
  readonly session: SourceSession;
  /** Absent before the source plays. */
  sender?: Graph;
  keyframeRequests: number;
}

/** Opens a source to which pictures of this encoding are sent as soon as it has its ports, and `before` has been done. */
async function publish(
  encoding: Encoding,
  hasSound = true,
  before: (ports: ReceivingPorts) => Promise<void> = () => Promise.resolve(),
): Promise<Published> {
  const [videoPort = 0, audioPort = 0] = await freeUdpPorts('127.0.0.1', 2);
  const from = { host: '127.0.0.1', video: videoPort, audio: audioPort };
  let sending = Promise.resolve();
  const send = async (ports: ReceivingPorts): Promise<void> => {
    const { video, audio } = ports;
    await before(ports);
    const sender = await Graph.fromLaunch(`
      # {graph} string: id of the graph
      diptychsrc graph={graph} name=unused ! fakesink async=false
      videotestsrc is-live=true ! videoscale ! capsfilter name=size caps=video/x-raw,width=320,height=180,framerate=30/1
        ! ${ENCODERS[encoding]} ! identity name=loss ! udpsink host=127.0.0.1 port=${video} bind-address=127.0.0.1 bind-port=${videoPort} sync=false
      audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=97 ! valve drop=${!hasSound} ! udpsink host=127.0.0.1 port=${audio} bind-address=127.0.0.1 bind-port=${audioPort} sync=false async=false`);
    closing.push(() => sender.close());
    published.sender = sender;
    sender.play();
  };
  const session = await open('whip:', {}, 'live', {
    publisher: {
      publication: publicationOf(encoding, from, hasSound),
      absence: 'nobody',
      receive: (ports) => {
        sending = send(ports);
      },
      requestKeyframe: () => {
        published.keyframeRequests++;
      },
    },
  });
  const published: Published = { session, keyframeRequests: 0 };
  closing.push(() => sending);
  return published;
}

describe('a source that is published', () => {
  it.each([
    ['H264', 'H.264', true],
    ['VP8', 'VP8', true],
    ['VP9', 'VP9', false],
  ] as const)('plays %s', async (encoding, codec, hasSound) => {
    const { session } = await publish(encoding, hasSound);
    const info = known(session, ({ width, audio }) => width !== undefined && audio !== undefined);

    const all = await frames(session, 60);

    expect(all).toHaveLength(60);
    expect(await info).toMatchObject({ codec, width: 320, height: 180, audio: hasSound ? 'Opus' : 'none' });
    expect(await session.audio.exists).toBe(hasSound);
  });

  it('goes on in another size', async () => {
    const published = await publish('VP8');
    const sizes: string[] = [];
    const reading = read(published.session).subscribe(({ width, height }) => sizes.push(`${width}x${height}`));
    closing.push(() => reading.unsubscribe());
    await until(() => sizes.length > 10);

    published.sender?.setProperty('size', 'caps', 'video/x-raw,width=180,height=320,framerate=30/1');

    await until(() => sizes.at(-1) === '180x320');
    expect(sizes[0]).toBe('320x180');
  });

  it.each(['H264', 'VP8'] as const)(
    'asks for a keyframe after a loss of %s, and shows nothing in between',
    async (encoding) => {
      const published = await publish(encoding);
      let shown = 0;
      const reading = read(published.session).subscribe(() => shown++);
      closing.push(() => reading.unsubscribe());
      await until(() => shown > 30);
      const before = published.keyframeRequests;

      published.sender?.setProperty('loss', 'drop-probability', 1);
      await new Promise((resolve) => setTimeout(resolve, 200));
      published.sender?.setProperty('loss', 'drop-probability', 0);

      await until(() => published.keyframeRequests > before);
      const at = shown;
      await until(() => shown > at + 30);
    },
  );

  it('takes nothing from others, who send before the publisher does and all the time', async () => {
    const stray = { sent: () => 0 };
    const published = await publish('H264', true, async ({ video, audio }) => {
      const other = await Graph.fromLaunch(`
        # {graph} string: id of the graph
        diptychsrc graph={graph} name=unused ! fakesink async=false
        videotestsrc is-live=true ! video/x-raw,width=160,height=90,framerate=30/1
          ! ${ENCODERS.H264} ! udpsink name=pictures host=127.0.0.1 port=${video} sync=false
        audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=97 ! udpsink host=127.0.0.1 port=${audio} sync=false async=false`);
      closing.push(() => other.close());
      stray.sent = () => Number(other.getProperty('pictures', 'bytes-to-serve'));
      other.play();
      await until(() => stray.sent() > 20_000);
    });
    const widths = new Set<number>();
    let shown = 0;
    const reading = read(published.session).subscribe(({ width }) => {
      widths.add(width);
      shown++;
    });
    closing.push(() => reading.unsubscribe());

    await until(() => shown > 60);

    expect([...widths]).toEqual([320]);
    expect(published.session.damaged).toBe(0);
  });

  it.each([
    ['while nobody publishes', undefined, 'DIPTYCH_E_SOURCE_UNPUBLISHED', 'nobody; do this'],
    [
      'with pictures that nothing decodes',
      publicationOf('AV1', { host: '127.0.0.1', video: 1000 }),
      'DIPTYCH_E_SOURCE_FORMAT',
      'publish H264 or VP8 or VP9',
    ],
  ])('is an error %s', async (_, publication, code, words) => {
    const publisher = {
      ...{ publication, absence: 'nobody; do this' },
      ...{ receive: () => undefined, requestKeyframe: () => undefined },
    };

    await expect(open('whip:', {}, 'live', { publisher })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words) as unknown,
    });
  });
});
