import type { GpuStatus, StageName, StreamStatus } from '../shared/domain/stream-status.js';
import { sentence } from './wording.js';

/** Stages as the page calls them. */
export const STAGE_LABELS: Readonly<Record<StageName, string>> = {
  decode: 'Decode',
  detect: 'Detect',
  reid: 'Compare faces',
  compose: 'Compose',
  encode: 'Encode',
};

/** Why each part runs where it runs, each reason once: the GPU, the decoder, the encoder, other stages. */
export function reasons({
  gpu,
  source,
  output,
}: Pick<StreamStatus, 'gpu' | 'source' | 'output'>): readonly (readonly [string, string])[] {
  // The page shows it in red already.
  const isShown = gpu?.state === 'lost';
  const rows: [string, string | undefined][] = [
    ['GPU', isShown ? undefined : gpu?.reason],
    [`Decoder ${source.decoder ?? ''}`, source.decoderReason],
    [`Encoder ${output.encoder}`, output.encoderReason],
  ];
  for (const { stage, memory, reason } of gpu?.stages ?? []) {
    if (memory === 'cuda') rows.push([STAGE_LABELS[stage], reason]);
  }
  return rows.flatMap(([label, text]) => (text ? [[label.trim(), text] as const] : []));
}

/** Where the stream is processed, in a word or two; says so where the GPU was lost. */
export function workplace(gpu: GpuStatus | undefined): string {
  if (gpu === undefined) return '–';
  if (gpu.state === 'used') return `${gpu.name ?? 'GPU'}${gpu.index === undefined ? '' : ` · GPU ${gpu.index}`}`;
  return gpu.state === 'lost' ? 'CPU · GPU lost' : 'CPU';
}

/** A sentence where the GPU was lost; empty otherwise. */
export const gpuProblem = (gpu: GpuStatus | undefined): string =>
  gpu?.state === 'lost' ? `The GPU was lost; the stream continues on the CPU. ${sentence(gpu.reason)}` : '';
