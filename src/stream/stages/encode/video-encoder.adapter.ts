import { availableParallelism } from 'node:os';
import type { OutputConfig } from '../../../shared/config/schema.js';
import type { FrameMemory } from '../../../shared/domain/frame.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { CPU_ENCODER, type EncoderChoice } from './encoder-choice.js';
import { nvencSettings, type NvencPreferences } from './nvenc-settings.js';
import { sliceCount } from './slice-count.js';

/** One encoder of the video. */
export interface VideoEncoder {
  /** GStreamer element that encodes. */
  readonly element: string;
  /** Why this one. */
  readonly reason: string;
  /** Where the pictures that it is given must be: NV12 in `cuda`, I420 in `system` memory. */
  readonly inputMemory: FrameMemory;
  /**
   * Builds its graph, which has a source `video` and a sink `h264`; the caller closes it. Rejects with
   * `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
   */
  readonly load: () => Promise<Graph>;
  /** Changes the bitrate of its graph while it plays, kbit/s. @defaultValue a graph that is loaded anew has it */
  readonly setBitrate?: (graph: Graph, bitrateKbps: number) => void;
}

/** As in pipelines/encode-x264.launch. */
const VBV_S = 0.4;

/** An NVENC element with its settings, and what it cannot be told. */
export function nvencLaunch(
  element: string,
  preferences: NvencPreferences,
): { readonly launch: string; readonly missing: readonly string[] } {
  const { settings, missing } = nvencSettings(loadAddon().elementProperties(element) ?? [], preferences);
  return { launch: [element, 'name=encoder', ...settings].join(' '), missing };
}

/**
 * The encoder chosen, and after it the one that takes over when it fails.
 *
 * @param config - its bitrate is read anew by each graph that is loaded
 * @param memory - where the pictures of the stream are
 */
export function videoEncoders(
  config: OutputConfig,
  choice: EncoderChoice,
  memory: FrameMemory,
): readonly VideoEncoder[] {
  if (choice.encoder === 'x264') return [x264(config, choice)];
  const first = nvenc(config, choice, memory);
  return loadAddon().elementInfo(CPU_ENCODER.element).exists ? [first, x264(config, CPU_ENCODER)] : [first];
}

function nvenc(config: OutputConfig, { element, reason }: EncoderChoice, memory: FrameMemory): VideoEncoder {
  const { width, height, fps, bitrateKbps, profile } = config;
  const preferences = { bitrateKbps, vbvKbit: Math.round(bitrateKbps * VBV_S) };
  const isCuda = memory === 'cuda';
  const { launch, missing } = nvencLaunch(element, preferences);
  const note = missing.length === 0 ? '' : `; it cannot be told: ${missing.join(', ')}`;
  return {
    element,
    reason: `${reason}${isCuda ? ', from its memory' : ''}${note}`,
    inputMemory: memory,
    load: () =>
      Graph.load('encode-nvh264', {
        width,
        height,
        fps,
        profile,
        memory: isCuda ? 'memory:CUDAMemory' : 'memory:SystemMemory',
        format: isCuda ? 'NV12' : 'I420',
        encoder: launch,
      }),
    setBitrate: (graph, kbps) => {
      graph.setProperty('encoder', 'bitrate', kbps);
      const hasBuffer = (loadAddon().elementProperties(element) ?? []).some(({ name }) => name === 'vbv-buffer-size');
      if (hasBuffer) graph.setProperty('encoder', 'vbv-buffer-size', Math.round(kbps * VBV_S));
    },
  };
}

function x264(config: OutputConfig, { element, reason, rejected }: EncoderChoice): VideoEncoder {
  const { width, height, fps, preset, profile } = config;
  const threads = sliceCount(config, availableParallelism());
  const tools = { profile, cabac: String(profile !== 'constrained-baseline'), dct8x8: String(profile === 'high') };
  const values = { width, height, fps, preset, threads, ...tools };
  const notes = rejected.map((better) => `not ${better.element}: ${better.reason}`);
  return {
    element,
    reason: [reason, ...notes].join('; '),
    inputMemory: 'system',
    // With nal-hrd, x264 takes another bitrate from the beginning only.
    load: () => Graph.load('encode-x264', { ...values, bitrateKbps: config.bitrateKbps }),
  };
}

/** What is told of an encoder. */
export const infoOf = ({
  element,
  reason,
  inputMemory,
}: VideoEncoder): { readonly encoder: string; readonly reason: string; readonly inputMemory: FrameMemory } => ({
  encoder: element,
  reason,
  inputMemory,
});
