import type { StreamConfig } from '../../shared/config/schema.js';
import type { Preparation, ProcessGpu } from '../../shared/ipc/messages.js';

/**
 * What a spare process opens in advance: the networks that most streams use, of those the first. The
 * stream that needs others opens them itself.
 *
 * @returns undefined where there is no stream
 */
export function preparationFor(streams: readonly StreamConfig[], gpu: ProcessGpu): Preparation | undefined {
  const counts = new Map<string, number>();
  for (const config of streams) counts.set(keyOf(config), (counts.get(keyOf(config)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const chosen = streams.find((config) => counts.get(keyOf(config)) === most);
  if (!chosen) return undefined;
  const { detect, reid, output, people, slots, shots, framing } = chosen;
  return { config: { detect, reid, output, people, slots, shots, framing }, gpu };
}

const keyOf = ({ detect, reid }: StreamConfig): string => JSON.stringify([detect, reid]);
