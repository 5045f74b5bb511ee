import type { SourceConfig } from '../../../shared/config/schema.js';

/** How pictures are brought into the shape that the stages take: whole, upright, of square pixels. */
export interface PictureShape {
  /** As configured: clockwise, degrees; `auto`: by what the source says. */
  readonly rotate: SourceConfig['rotate'];
  /** Frames a second of the output: where there is room, both fields of interlaced pictures become one each. */
  readonly outputFps: number;
}

/** GStreamer's tag `image-orientation` of pictures that are shown as they are. */
export const UPRIGHT = 'rotate-0';

/** Frames a second of an output whose rate is not known. */
export const DEFAULT_FPS = 30;

/** An output of at least this rate shows the fields of 25 interlaced pictures a second one by one. */
const FIELD_RATE = 50;

/**
 * Elements that turn pictures. GStreamer's (seen in 1.22) copies every picture that it leaves as it is, unless it has
 * been told to turn them before: `auto` begins with another direction, which no picture sees.
 */
const TURNS: Readonly<Record<SourceConfig['rotate'], readonly string[]>> = {
  auto: ['videoflip method=rotate-180 video-direction=auto'],
  '0': [],
  '90': ['videoflip video-direction=90r'],
  '180': ['videoflip video-direction=180'],
  '270': ['videoflip video-direction=90l'],
};

/**
 * The text that follows a decoder whose pictures lie in system memory, as I420 or NV12. Each element passes on
 * at no cost what needs nothing of it: progressive pictures, square pixels, upright ones.
 */
export function shapeLaunch({ rotate, outputFps }: PictureShape): string {
  const fields = outputFps >= FIELD_RATE ? 'all' : 'top';
  return [
    `deinterlace mode=auto method=yadif fields=${fields}`,
    'videoscale n-threads=2',
    'video/x-raw,pixel-aspect-ratio=1/1',
    ...TURNS[rotate],
  ].join(' ! ');
}

/** Whether pictures are turned as the source says. */
export const isTurnedBySource = ({ rotate }: Pick<SourceConfig, 'rotate'>): boolean => rotate === 'auto';

/** Whether pictures are turned on purpose, which is done in system memory. */
export const isTurnedByConfig = ({ rotate }: Pick<SourceConfig, 'rotate'>): boolean =>
  rotate !== 'auto' && rotate !== '0';
