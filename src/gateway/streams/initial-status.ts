import { maskUrl } from '../../shared/config/mask-url.js';
import type { StreamConfig } from '../../shared/config/schema.js';
import { errorOfState } from '../../shared/domain/state-error.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';

/**
 * What is known of a stream before its first report.
 *
 * @param nowIso - ISO 8601, when states begin
 */
export function initialStatus(
  { source, output, record }: StreamConfig,
  nowIso = new Date().toISOString(),
): StreamStatus {
  const none = { p50: 0, p95: 0 };
  const error = errorOfState('connecting', undefined);
  return {
    state: 'connecting',
    ...(error && { error }),
    source: { url: maskUrl(source.url) },
    output: {
      width: output.width,
      height: output.height,
      fps: output.fps,
      encoder: output.encoder,
      bitrateKbps: output.bitrateKbps,
    },
    people: [],
    latencyMs: { decode: none, detect: none, compose: none, encode: none, total: none },
    frames: { in: 0, out: 0, repeated: 0, detected: 0, dropped: 0, droppedBy: { decode: 0, late: 0 }, damaged: 0 },
    targets: [],
    recording: { state: record.enabled ? 'waiting' : 'off', since: nowIso, bytes: 0 },
    reid: { computed: 0, skipped: 0, activationRatio: 0, swapsSuspected: 0, swapsCorrected: 0 },
  };
}
