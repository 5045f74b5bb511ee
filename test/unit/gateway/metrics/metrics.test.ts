import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';
import { streamSchema } from '#src/shared/config/schema.js';
import type { GpuStatus } from '#src/shared/domain/stream-status.js';
import { initialStatus } from '#src/gateway/streams/initial-status.js';
import { DurationCounter, type DurationCounts } from '#src/shared/domain/durations.js';
import { metricsOf } from '../../../integration/gateway/metrics/prom-lint.js';
import { GatewayMetrics, type GatewaySample, type StreamSample } from '#src/gateway/metrics/metrics.js';

const status = initialStatus(streamSchema.parse({ source: { url: 'test:' } }));
const durations = (...valuesMs: readonly number[]): DurationCounts => {
  const counter = new DurationCounter();
  for (const valueMs of valuesMs) counter.add(valueMs);
  return counter.read();
};
const stream: StreamSample = {
  id: 'main',
  status: {
    ...status,
    state: 'live',
    source: { ...status.source, reconnects: 3 },
    frames: {
      in: 100,
      out: 120,
      repeated: 20,
      detected: 50,
      dropped: 3,
      droppedBy: { decode: 2, late: 1 },
      damaged: 6,
    },
    latencyMs: { ...status.latencyMs, encode: { p50: 10, p95: 25 } },
    people: [{ trackId: 1, box: { x: 0, y: 0, width: 1, height: 1 }, score: 1 }],
    targets: [{ id: 'tv', url: 'rtmp://h/a/***', state: 'retrying', since: '', bytes: 4_000, retries: 2, dropped: 9 }],
    poses: { computed: 12, skipped: 34 },
    reid: { computed: 5, skipped: 95, activationRatio: 0.05, swapsSuspected: 2, swapsCorrected: 1 },
  },
  timings: {
    ...{ decode: durations(), detect: durations(), reid: durations(), compose: durations() },
    ...{ encode: durations(10, 25, 4000), total: durations(80) },
  },
  viewers: 4,
  restarts: 1,
  keyframeRequests: 7,
  residentBytes: 1_000_000,
  streamsInProcess: 1,
};
const gpu: GpuStatus = {
  state: 'lost',
  name: 'Soft',
  reason: 'gone',
  stages: [],
  traffic: {
    toDevice: { frame: 1_000, result: 20, setup: 300 },
    toHost: { frame: 4_000, result: 50, setup: 0 },
  },
};
const shared: StreamSample = {
  ...stream,
  id: 'shared',
  pid: 77,
  status: { ...stream.status, gpu, memory: { processBytes: 4_000_000, streamsInProcess: 4, gpuBytes: 800_000 } },
  residentBytes: 4_000_000,
  streamsInProcess: 4,
};
const sample: GatewaySample = {
  version: '1.2.3',
  // Two in one process tell of the same card.
  streams: [stream, shared, { ...shared, id: 'beside', status: { ...shared.status, gpu: { ...gpu, state: 'used' } } }],
  residentBytes: 2_000_000,
  mediaResidentBytes: 3_000_000,
  spareResidentBytes: 2_500_000,
  isSpareReady: true,
  sessions: 5,
  recycles: 2,
  units: {
    capacity: 9.4,
    beside: 0.3,
    streams: [
      { id: 'main', units: 1.2 },
      { id: 'shared', units: undefined },
    ],
  },
  cluster: {
    host: 'one',
    hosts: [
      { id: 'one', units: 8, used: 1, reserved: 0, isDraining: false },
      { id: 'two', units: 4, used: 2.4, reserved: 1.5, isDraining: true },
    ],
    streams: [{ host: 'one' }, { host: 'two' }, { host: 'two' }, {}],
    lease: { isPublishing: true, ageS: 0.4, renewalS: 0.01, lost: 3 },
    pulls: [{ stream: 'far', viewers: 7 }],
    pipes: 2,
  },
};

it.each([
  'diptych_stream_state{stream="main",state="live"} 1',
  'diptych_stream_state{stream="main",state="failed"} 0',
  'diptych_stream_restarts_total{stream="main"} 1',
  'diptych_viewers{stream="main"} 4',
  'diptych_people{stream="main"} 1',
  'diptych_target_dropped_pictures_total{stream="main",target="tv"} 9',
  'diptych_frames_in_total{stream="main"} 100',
  'diptych_frames_damaged_total{stream="main"} 6',
  'diptych_frames_out_total{stream="main"} 120',
  'diptych_frames_repeated_total{stream="main"} 20',
  'diptych_frames_dropped_total{stream="main"} 3',
  'diptych_stage_latency_seconds_bucket{stream="main",stage="encode",le="0.005"} 0',
  'diptych_stage_latency_seconds_bucket{stream="main",stage="encode",le="0.02"} 1',
  'diptych_stage_latency_seconds_bucket{stream="main",stage="encode",le="0.03"} 2',
  'diptych_stage_latency_seconds_bucket{stream="main",stage="encode",le="2.5"} 2',
  'diptych_stage_latency_seconds_bucket{stream="main",stage="encode",le="+Inf"} 3',
  'diptych_stage_latency_seconds_count{stream="main",stage="encode"} 3',
  'diptych_stage_latency_seconds_sum{stream="main",stage="encode"} 4.035',
  'diptych_stage_latency_seconds_count{stream="main",stage="reid"} 0',
  'diptych_frame_latency_seconds_count{stream="main"} 1',
  'diptych_detections_total{stream="main"} 50',
  'diptych_source_reconnects_total{stream="main"} 3',
  `diptych_build_info{version="1.2.3",node="${process.versions.node}"} 1`,
  'diptych_target_state{stream="main",target="tv",state="waiting"} 0',
  'diptych_keyframe_requests_total{stream="main"} 7',
  'diptych_target_state{stream="main",target="tv",state="retrying"} 1',
  'diptych_target_state{stream="main",target="tv",state="live"} 0',
  'diptych_target_sent_bytes_total{stream="main",target="tv"} 4000',
  'diptych_target_retries_total{stream="main",target="tv"} 2',
  'diptych_reid_computed_total{stream="main"} 5',
  'diptych_reid_skipped_total{stream="main"} 95',
  'diptych_poses_computed_total{stream="main"} 12',
  'diptych_poses_skipped_total{stream="main"} 34',
  'diptych_reid_swaps_suspected_total{stream="main"} 2',
  'diptych_reid_swaps_corrected_total{stream="main"} 1',
  'diptych_gpu_state{stream="shared",state="lost"} 1',
  'diptych_gpu_state{stream="beside",state="used"} 1',
  'diptych_gpu_lost_total{stream="shared"} 1',
  'diptych_gpu_lost_total{stream="beside"} 0',
  'diptych_gpu_bytes_total{direction="to_device",purpose="frame"} 1000',
  'diptych_gpu_bytes_total{direction="to_device",purpose="setup"} 300',
  'diptych_gpu_bytes_total{direction="to_host",purpose="result"} 50',
  'diptych_process_resident_memory_bytes{process="gateway",stream=""} 2000000',
  'diptych_process_resident_memory_bytes{process="media",stream=""} 3000000',
  'diptych_process_resident_memory_bytes{process="spare",stream=""} 2500000',
  'diptych_spare_process_ready 1',
  'diptych_process_resident_memory_bytes{process="stream",stream="main"} 1000000',
  'diptych_process_resident_memory_bytes{process="stream",stream="shared"} 1000000',
  'diptych_process_gpu_memory_bytes{process="stream",stream="shared"} 200000',
  'diptych_stream_process_streams{stream="shared"} 4',
  'diptych_signaling_sessions 5',
  'diptych_capacity_units 9.4',
  'diptych_gateway_units 0.3',
  'diptych_stream_units{stream="main"} 1.2',
  'diptych_cluster_hosts{host="one"} 2',
  'diptych_cluster_units{host="one",member="two"} 4',
  'diptych_cluster_used_units{host="one",member="two"} 2.4',
  'diptych_cluster_reserved_units{host="one",member="two"} 1.5',
  'diptych_cluster_draining{host="one",member="two"} 1',
  'diptych_cluster_streams{host="one"} 4',
  'diptych_cluster_claims{host="one"} 1',
  'diptych_cluster_pending_streams{host="one"} 1',
  'diptych_cluster_publishing{host="one"} 1',
  'diptych_cluster_lease_age_seconds{host="one"} 0.4',
  'diptych_cluster_lease_renewal_seconds{host="one"} 0.01',
  'diptych_cluster_leases_lost_total{host="one"} 3',
  'diptych_cluster_fenced_outputs{host="one"} 0',
  'diptych_cluster_edge_viewers{host="one",stream="far"} 7',
  'diptych_cluster_pipes{host="one"} 2',
])('has the line %s', async (line) => {
  const metrics = new GatewayMetrics(() => sample);

  const text = await metrics.render();

  expect(text.split('\n')).toContain(line);
});

it('does not add up over scrapes, and forgets streams that are gone', async () => {
  let streams = [stream];
  const metrics = new GatewayMetrics(() => ({
    ...sample,
    streams,
    units: streams.length > 0 ? sample.units : undefined,
  }));

  await metrics.render();
  const second = await metrics.render();
  streams = [];
  const third = await metrics.render();

  expect(second).toContain('diptych_frames_in_total{stream="main"} 100\n');
  expect(third).not.toContain('main');
  expect(third).not.toMatch(/^diptych_capacity_units/m);
});

it('docs/operations.md lists every metric with its labels and meaning (vitest -u writes the table)', async () => {
  const metrics = new GatewayMetrics(() => sample);
  const docs = packagePath('docs/operations.md');

  const described = metricsOf(await metrics.render());
  const rows = described.map(({ name, type, labels, help }) => {
    const own = labels.filter((label) => label !== 'le').map((label) => `\`${label}\``);
    return `| \`${name}\` | ${type} | ${own.join(', ')} | ${help} |`;
  });
  const text = await readFile(docs, 'utf8');
  const begin = text.indexOf('<!-- metrics -->') + '<!-- metrics -->'.length;
  const table = ['', '| metric | type | labels | what |', '| --- | --- | --- | --- |', ...rows, '', ''].join('\n');

  await expect(`${text.slice(0, begin)}\n${table}${text.slice(text.indexOf('<!-- /metrics -->'))}`).toMatchFileSnapshot(
    docs,
  );
});
