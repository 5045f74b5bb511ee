import type { SourceConfig } from '../../../shared/config/schema.js';
import { DiptychError, type ErrorCode } from '../../../shared/domain/errors.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { BusMessage, VideoDevice } from '../../native/types.js';
import { missingDecoderError } from './decoder-failure.js';
import type { Decoding } from './decoding.js';
import { elementaryPictures } from './elementary-codec.js';
import type { NetworkSource } from './network-source.js';
import { DEFAULT_FPS, isTurnedBySource, shapeLaunch } from './picture-shape.js';
import { RtpPictures } from './rtp-pictures.adapter.js';
import { SourceAttempt } from './source-attempt.adapter.js';
import type { PlayableLocation } from './source-location.js';
import type { SourceInfo, SourceOptions } from './source-session.js';
import { PICTURE_SINK } from './stream-branches.js';
import { chooseMode, type ChosenMode } from './v4l2-mode.js';

type BusError = Extract<BusMessage, { type: 'error' | 'warning' }>;

/** Why a device cannot be used, by what the system says. */
const PROBLEMS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: [
    'DIPTYCH_E_SOURCE_UNREACHABLE',
    'there is no such device; plug the camera in, or choose one that diptych doctor lists',
  ],
  EACCES: [
    'DIPTYCH_E_SOURCE_FILE',
    'this user may not open it; put the user into the group video (usermod -aG video USER), and log in again',
  ],
  EPERM: ['DIPTYCH_E_SOURCE_FILE', 'it may not be opened here; give the container the device (--device)'],
  EBUSY: ['DIPTYCH_E_SOURCE_BUSY', 'another program uses it; end that one'],
  'not-video': ['DIPTYCH_E_SOURCE_FORMAT', 'it is no V4L2 device; choose one that diptych doctor lists'],
  'not-capture': [
    'DIPTYCH_E_SOURCE_FORMAT',
    'it gives no pictures (a camera often has a second device for its metadata); choose another one that diptych doctor lists',
  ],
};
const GONE: readonly [ErrorCode, string] = [
  'DIPTYCH_E_SOURCE_UNREACHABLE',
  'it was unplugged, or its driver gave up; plug it in again',
];
const DEFAULT_SIZE = { width: 1920, height: 1080 };

/**
 * A camera of this machine: asks it what it offers, and takes what fits the output.
 *
 * @throws {@link DiptychError} with what to do
 */
export async function openV4l2(
  device: string,
  location: PlayableLocation,
  config: SourceConfig,
  options: SourceOptions,
  decoding: Decoding,
): Promise<SourceAttempt> {
  const { outputSize = DEFAULT_SIZE, outputFps = DEFAULT_FPS, logger } = options;
  const found = await loadAddon().examineDevice(device);
  if (found.problem !== undefined) throw problemError(device, found.problem);
  const { width, height } = outputSize;
  const chosen = chooseMode(found.modes, config.v4l2, { width, height, fps: outputFps });
  if (typeof chosen === 'string') throw new DiptychError('DIPTYCH_E_SOURCE_FORMAT', `${device} ${chosen}`);
  const { caps, kind, mode } = chosen;
  logger.info({ source: device, name: found.name, format: mode.format, caps }, 'mode of the device chosen');
  const source = deviceSource(device, found, chosen);
  if (kind === 'raw') {
    const shape = shapeLaunch({ rotate: config.rotate, outputFps });
    const graph = await Graph.load('ingest-v4l2-raw', { device, caps, shape });
    return new SourceAttempt(graph, location, config, options, decoding, { source });
  }
  const pictures = await openPictures(device, caps, config, options, decoding);
  try {
    const graph = await Graph.load('ingest-v4l2', { device, caps });
    const pads = [{ element: PICTURE_SINK, caps }];
    return new SourceAttempt(graph, location, config, options, decoding, { source, pictures, pads });
  } catch (error) {
    await pictures.close();
    throw error;
  }
}

function openPictures(
  source: string,
  caps: string,
  config: SourceConfig,
  { logger, outputFps = DEFAULT_FPS }: SourceOptions,
  { choices }: Decoding,
): Promise<RtpPictures> {
  const found = elementaryPictures(caps);
  if (!found) throw new DiptychError('DIPTYCH_E_SOURCE_FORMAT', `${source} sends ${caps}`);
  const decoder = choices[found.codec];
  if (!decoder.isAvailable) throw missingDecoderError(source, found.codec, decoder);
  return RtpPictures.open({
    ...{ addon: loadAddon(), codec: found.codec, depayloader: found.parser, decoder, source, logger },
    shape: shapeLaunch({ rotate: config.rotate, outputFps }),
    isTurnedBySource: isTurnedBySource(config),
  });
}

function deviceSource(device: string, { name }: VideoDevice, { mode, kind }: ChosenMode): NetworkSource {
  const rate = mode.rate[0] === 0 ? '' : ` at ${Math.round((mode.rate[0] / mode.rate[1]) * 10) / 10}`;
  const raw: SourceInfo = kind === 'raw' ? { codec: 'raw', decoder: 'none', audio: 'none' } : {};
  return {
    info: {
      ...raw,
      transportReason: `V4L2, ${name}: ${mode.format.trim()} ${mode.width}×${mode.height}${rate}`,
      audioReason: 'a V4L2 device has no sound',
    },
    ended: new Promise(() => undefined),
    requestKeyframe: () => false,
    onPlaying: () => undefined,
    explain: (error) => explain(device, error),
    close: () => Promise.resolve(),
  };
}

/** Asked once more, a device says itself why it ended. */
async function explain(device: string, { text, debug }: BusError): Promise<DiptychError> {
  const { problem } = await loadAddon().examineDevice(device);
  if (problem !== undefined) return problem === 'ENOENT' ? errorOf(device, GONE) : problemError(device, problem);
  if (/busy/i.test(`${text} ${debug}`)) return problemError(device, 'EBUSY');
  // Only what the device offers is asked for, so a refusal is nearly always that of a device that is in use: GStreamer
  // tells the driver's EBUSY as one in its other errors.
  if (/not-negotiated|doesn't support|can't capture|invalid/i.test(`${text} ${debug}`)) {
    return new DiptychError(
      'DIPTYCH_E_SOURCE_BUSY',
      `${device} refuses what it offers (${text}): another program uses it; end that one, or choose another source.v4l2.format, width and height`,
    );
  }
  return errorOf(device, GONE);
}

function problemError(device: string, problem: string): DiptychError {
  const gone = problem === 'ENODEV' || problem === 'ENXIO' ? GONE : undefined;
  const known = PROBLEMS[problem] ?? gone;
  return known
    ? errorOf(device, known)
    : new DiptychError('DIPTYCH_E_SOURCE_UNREACHABLE', `${device}: it cannot be opened (${problem}); plug it in again`);
}

const errorOf = (device: string, [code, text]: readonly [ErrorCode, string]): DiptychError =>
  new DiptychError(code, `${device}: ${text}`);
