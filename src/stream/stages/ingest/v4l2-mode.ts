import type { DeviceMode } from '../../native/types.js';

/** What a device is asked for. */
export interface V4l2Wish {
  /** Pixels; absent: that nearest to the output. */
  readonly width?: number | undefined;
  /** Pixels; absent: that nearest to the output. */
  readonly height?: number | undefined;
  /** Pictures a second; absent: as the output. */
  readonly fps?: number | undefined;
  /** How the pictures are sent. */
  readonly format: 'auto' | 'mjpeg' | 'h264' | 'raw';
}

/** What the pictures are for. */
export interface V4l2Output {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** A second. */
  readonly fps: number;
}

/** A mode of a device, and what GStreamer calls it. */
export interface ChosenMode {
  /** As the device offers it. */
  readonly mode: DeviceMode;
  /** How the pictures are sent. */
  readonly kind: 'mjpeg' | 'h264' | 'raw';
  /** For the graph. */
  readonly caps: string;
}

/** Formats of V4L2, and how GStreamer calls those of plain pixels. */
const KINDS: Readonly<Record<string, { readonly kind: ChosenMode['kind']; readonly caps: string }>> = {
  MJPG: { kind: 'mjpeg', caps: 'image/jpeg' },
  JPEG: { kind: 'mjpeg', caps: 'image/jpeg' },
  H264: { kind: 'h264', caps: 'video/x-h264' },
  ...Object.fromEntries(
    Object.entries({
      ...{ YUYV: 'YUY2', UYVY: 'UYVY', YVYU: 'YVYU', NV12: 'NV12', NV21: 'NV21', YU12: 'I420', YV12: 'YV12' },
      ...{ RGB3: 'RGB', BGR3: 'BGR', GREY: 'GRAY8', '422P': 'Y42B', NV16: 'NV16' },
    }).map(([format, name]) => [format, { kind: 'raw' as const, caps: `video/x-raw,format=${name}` }]),
  ),
};

/** What decoding costs, beside a size or a rate that is not met. */
const COST = { raw: 0, mjpeg: 0.02, h264: 0.04 };
const EXCESS = { size: 0.1, rate: 0.01 };
const LACK_OF_RATE = 2;

/**
 * The mode of a device that fits best, or one sentence that says why none does. A rate or a size that is too small is
 * worse than one that is too large, and a rate that is too low is worst.
 */
export function chooseMode(modes: readonly DeviceMode[], wish: V4l2Wish, output: V4l2Output): ChosenMode | string {
  const known = modes.flatMap((mode) => {
    const found = KINDS[mode.format];
    return found === undefined ? [] : [{ mode, ...found }];
  });
  if (known.length === 0) return `offers ${namesOf(modes)}, of which nothing is known here`;
  const fitting = known.filter(
    ({ mode, kind }) =>
      (wish.format === 'auto' || wish.format === kind) &&
      (wish.width === undefined || wish.width === mode.width) &&
      (wish.height === undefined || wish.height === mode.height),
  );
  const [best] = fitting.sort((a, b) => costOf(a, wish, output) - costOf(b, wish, output));
  if (!best) return `does not offer what source.v4l2 asks for; it offers ${describeModes(modes)}`;
  const { width, height, rate } = best.mode;
  const framerate = rate[0] === 0 ? '' : `,framerate=${rate[0]}/${rate[1]}`;
  return { mode: best.mode, kind: best.kind, caps: `${best.caps},width=${width},height=${height}${framerate}` };
}

/** The modes in words: each format with its sizes, each with its fastest rate. */
export function describeModes(modes: readonly DeviceMode[]): string {
  const formats = [...new Set(modes.map(({ format }) => format))];
  return formats
    .map((format) => {
      const rates = new Map<string, number>();
      for (const { width, height, rate, format: other } of modes) {
        const size = `${width}×${height}`;
        if (other === format) rates.set(size, Math.max(rates.get(size) ?? 0, rate[0] / rate[1]));
      }
      const sizes = [...rates].map(([size, fps]) => (fps === 0 ? size : `${size} at ${Math.round(fps * 10) / 10}`));
      return `${format.trim()} ${sizes.join(', ')}`;
    })
    .join('; ');
}

function costOf({ mode, kind }: Pick<ChosenMode, 'mode' | 'kind'>, wish: V4l2Wish, output: V4l2Output): number {
  const fps = mode.rate[0] / mode.rate[1] || output.fps;
  const wanted = wish.fps ?? output.fps;
  const rate = fps / wanted;
  const size = (mode.width * mode.height) / (output.width * output.height);
  const rateCost = rate < 1 ? LACK_OF_RATE * (1 - rate) : EXCESS.rate * (rate - 1);
  return rateCost + (size < 1 ? 1 - size : EXCESS.size * (size - 1)) + COST[kind];
}

const namesOf = (modes: readonly DeviceMode[]): string =>
  [...new Set(modes.map(({ format }) => format.trim()))].join(', ');
