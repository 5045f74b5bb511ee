import { Graph } from '#src/stream/gst/graph.adapter.js';
import type { OutputConfig } from '#src/shared/config/schema.js';
import { CPU_ENCODER } from '#src/stream/stages/encode/encoder-choice.js';
import { videoEncoders, type VideoEncoder } from '#src/stream/stages/encode/video-encoder.adapter.js';

/** Ways to fail: an error of the element, or nothing any more. */
const FAILURES = {
  error: (pictures: number) => `identity name=broken error-after=${pictures}`,
  hang: (pictures: number) => `identity name=broken drop-buffer-flags=0 eos-after=${pictures}`,
  never: () => 'identity',
};

/**
 * Stands in for NVENC, which is not everywhere: another encoder, whose parameter sets differ from
 * those of the one that takes over, and which fails after some pictures.
 */
export function failingEncoder(
  { width, height, fps, bitrateKbps }: OutputConfig,
  failure: keyof typeof FAILURES,
  pictures = 30,
): VideoEncoder {
  return {
    element: 'nvh264enc',
    reason: 'encodes on the NVIDIA GPU',
    inputMemory: 'system',
    load: () =>
      Graph.fromLaunch(
        [
          '# {graph} string: id',
          'diptychsrc graph={graph} name=video max-queue-ms=300',
          `caps=video/x-raw,format=I420,width=${width},height=${height},framerate=${fps}/1,interlace-mode=progressive,pixel-aspect-ratio=1/1,colorimetry=bt709`,
          `! ${FAILURES[failure](pictures)}`,
          `! x264enc tune=zerolatency speed-preset=ultrafast bitrate=${bitrateKbps} key-int-max=300 option-string=level=5.1:ref=3`,
          '! video/x-h264,profile=constrained-baseline,stream-format=avc,alignment=au',
          '! diptychsink graph={graph} name=h264',
        ].join('\n'),
      ),
  };
}

/** That one, and x264 as the product sets it up. */
export const withFallback = (
  output: OutputConfig,
  failure: keyof typeof FAILURES,
  pictures?: number,
): readonly VideoEncoder[] => [
  failingEncoder(output, failure, pictures),
  ...videoEncoders(output, CPU_ENCODER, 'system'),
];
