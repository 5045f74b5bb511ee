import { describeTrack, type OfferedTrack } from './session-description.js';

/** Which tracks are wanted; `auto` is the first that can be played, and of pictures a larger one before a smaller. */
export interface TrackWish {
  /** Counted among the tracks with pictures, from 0. */
  readonly video: 'auto' | number;
  /** Counted among the tracks with sound, from 0. */
  readonly audio: 'auto' | 'none' | number;
}

/** What is taken of an offer. */
export interface TrackChoice {
  /** Absent where there are no pictures that can be played; `videoReason` says why. */
  readonly video?: OfferedTrack;
  /** Absent: silence; `audioReason` says why. */
  readonly audio?: OfferedTrack;
  /** Why there are no pictures; absent where there are. */
  readonly videoReason?: string;
  /** Why there is no sound; absent where there is. */
  readonly audioReason?: string;
}

/** Sampling rates that an AudioSpecificConfig names by an index (ISO/IEC 14496-3, table 1.18). */
const AAC_RATES = 13;
const ESCAPED_RATE = 15;

/**
 * Chooses one track of pictures and at most one of sound; the others are never asked for.
 *
 * @param lackOf - why a format cannot be played here; `undefined` where it can
 */
export function chooseTracks(
  tracks: readonly OfferedTrack[],
  wish: TrackWish,
  lackOf: (track: OfferedTrack) => string | undefined,
): TrackChoice {
  const problemOf = (track: OfferedTrack): string | undefined => lackOf(track) ?? configurationProblem(track);
  const video = chooseOne(
    tracks.filter(({ kind }) => kind === 'video'),
    wish.video,
    'video',
    problemOf,
  );
  const audio =
    wish.audio === 'none'
      ? { reason: 'source.track.audio is none' }
      : chooseOne(
          tracks.filter(({ kind }) => kind === 'audio'),
          wish.audio,
          'audio',
          problemOf,
        );
  return {
    ...(video.track ? { video: video.track } : { videoReason: video.reason }),
    ...(audio.track ? { audio: audio.track } : { audioReason: audio.reason }),
  };
}

type One = { readonly track: OfferedTrack } | { readonly track?: undefined; readonly reason: string };

function chooseOne(
  offered: readonly OfferedTrack[],
  wish: 'auto' | number,
  kind: 'video' | 'audio',
  problemOf: (track: OfferedTrack) => string | undefined,
): One {
  if (offered.length === 0) return { reason: `the camera offers no ${kind}` };
  const wanted = wish === 'auto' ? offered : offered.slice(wish, wish + 1);
  if (wanted.length === 0) {
    const last = offered.length - 1;
    return {
      reason: `source.track.${kind} is ${wish}, and the camera offers ${kind} 0${last > 0 ? ` to ${last}` : ''} only`,
    };
  }
  let best: OfferedTrack | undefined;
  const problems: string[] = [];
  for (const track of wanted) {
    const problem = problemOf(track);
    if (problem !== undefined) problems.push(`track ${describeTrack(track)}: ${problem}`);
    else if (best === undefined || isLarger(track, best)) best = track;
  }
  return best ? { track: best } : { reason: problems.join('; ') };
}

/** Only where both sizes are known: an unknown one may be the largest. */
function isLarger({ size: a }: OfferedTrack, { size: b }: OfferedTrack): boolean {
  return a !== undefined && b !== undefined && a.width * a.height > b.width * b.height;
}

/** Why a format lacks what its decoder needs before the first packet. */
function configurationProblem({ encoding, parameters }: OfferedTrack): string | undefined {
  if (encoding !== 'MPEG4-GENERIC') return undefined;
  const config = parameters.get('config');
  if (config === undefined)
    return 'AAC without a configuration in the SDP; set the sound of the camera to G.711 or AAC-LC';
  if (!/^(?:[0-9a-f]{2}){2,64}$/i.test(config) || !isAacConfiguration(Buffer.from(config, 'hex'))) {
    return `AAC with the configuration ${config.slice(0, 16)}, which is none; set the sound of the camera to G.711 or AAC-LC`;
  }
  return undefined;
}

function isAacConfiguration(config: Uint8Array): boolean {
  const bits = ((config[0] ?? 0) << 8) | (config[1] ?? 0);
  const objectType = bits >> 11;
  const rate = (bits >> 7) & 15;
  const channels = (bits >> 3) & 15;
  if (objectType === 0) return false;
  return rate === ESCAPED_RATE || (rate < AAC_RATES && channels <= 7);
}
