import { RECORDING_STATES } from '../../shared/domain/recording.js';
import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import { ClusterMetrics, fencedOutputs, type ClusterSample } from './cluster-metrics.js';
import { DurationHistogram } from './duration-histogram.js';
import { UnitMetrics, type UnitSample } from './unit-metrics.js';
import {
  STREAM_STATES,
  TARGET_STATES,
  TIMED_STAGES,
  type BusBytes,
  type GpuState,
  type StageTimings,
  type StreamStatus,
} from '../../shared/domain/stream-status.js';

/** What the metrics of one stream are made from, read when Prometheus asks. */
export interface StreamSample {
  /** Name of the stream; the label `stream`. */
  readonly id: string;
  /** As its process reported it last. */
  readonly status: StreamStatus;
  /** How long its stages took; absent before its process told. */
  readonly timings?: StageTimings | undefined;
  /** Browsers and players that receive the stream from this gateway. */
  readonly viewers: number;
  /** How often the stream was restarted. */
  readonly restarts: number;
  /** Keyframes that were requested from the encoder. */
  readonly keyframeRequests: number;
  /** Of the process that runs the stream; absent while there is none. */
  readonly residentBytes?: number;
  /** Streams in that process, this one included; 0 while there is none. */
  readonly streamsInProcess: number;
  /** Of that process; absent while there is none. */
  readonly pid?: number;
}

/** What one scrape is made from. */
export interface GatewaySample {
  /** Every stream there is now. */
  readonly streams: readonly StreamSample[];
  /** Of this program, such as `1.2.0`. */
  readonly version: string;
  /** Resident memory of the gateway's own process. */
  readonly residentBytes: number;
  /** Of the process that forwards media; absent while there is none. */
  readonly mediaResidentBytes?: number;
  /** Of the process that waits for a stream; absent while there is none. */
  readonly spareResidentBytes?: number;
  /** Whether that process has opened what a stream needs; absent where none is to wait. */
  readonly isSpareReady?: boolean;
  /** Stream processes that were replaced because they took too much memory. */
  readonly recycles: number;
  /** Open WebSockets. */
  readonly sessions: number;
  /** Absent where the gateway is alone. */
  readonly cluster?: ClusterSample;
  /** Absent where nothing goes by it. */
  readonly units?: UnitSample | undefined;
}

const GPU_STATES = ['used', 'off', 'lost'] as const satisfies readonly GpuState[];
const BUS_PURPOSES = ['frame', 'result', 'setup'] as const satisfies readonly (keyof BusBytes)[];

/**
 * Prometheus metrics of a gateway, named `diptych_…` in base units. Every scrape reads `sample`
 * afresh, so nothing here goes stale when a stream is removed. Counters are totals of the stream
 * process and fall back to 0 when it is started again, which Prometheus expects of counters.
 */
export class GatewayMetrics {
  /** Of the text that `render` gives. */
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #sample: () => GatewaySample | Promise<GatewaySample>;
  readonly #metrics: Pick<Metric, 'reset'>[] = [];

  readonly #build = this.#gauge('build_info', '1; which version runs', 'version', 'node');
  readonly #streamState = this.#gauge('stream_state', '1 for the state the stream is in', 'stream', 'state');
  readonly #streamError = this.#gauge(
    'stream_error',
    '1 for the code of the error of a stream that is not live',
    'stream',
    'code',
  );
  readonly #restarts = this.#counter('stream_restarts_total', 'times a stream was started again', 'stream');
  readonly #viewers = this.#gauge('viewers', 'viewers that receive the stream from this gateway', 'stream');
  readonly #people = this.#gauge('people', 'people followed', 'stream');
  readonly #framesIn = this.#counter('frames_in_total', 'source frames received', 'stream');
  readonly #framesOut = this.#counter('frames_out_total', 'frames encoded', 'stream');
  readonly #framesRepeated = this.#counter(
    'frames_repeated_total',
    'output frames without a new source frame',
    'stream',
  );
  readonly #framesDropped = this.#counter('frames_dropped_total', 'source frames that were never shown', 'stream');
  readonly #framesDamaged = this.#counter(
    'frames_damaged_total',
    'packets of the source that were refused, and pictures that were decoded with errors',
    'stream',
  );
  readonly #detections = this.#counter('detections_total', 'frames that were searched for people', 'stream');
  readonly #reconnects = this.#counter(
    'source_reconnects_total',
    'times the source was lost, or did not come, and was opened again',
    'stream',
  );
  readonly #stageLatency = this.#histogram(
    'stage_latency_seconds',
    'time that a frame takes in a stage; labels stream, stage',
  );
  readonly #frameLatency = this.#histogram(
    'frame_latency_seconds',
    'time from the decoder to the output of the encoder; label stream',
  );
  readonly #keyframes = this.#counter('keyframe_requests_total', 'keyframes requested from the encoder', 'stream');
  readonly #targetState = this.#gauge('target_state', '1 for the state the target is in', 'stream', 'target', 'state');
  readonly #targetBytes = this.#counter('target_sent_bytes_total', 'bytes sent to the target', 'stream', 'target');
  readonly #targetDropped = this.#counter(
    'target_dropped_pictures_total',
    'pictures left out because the target took less than it was given',
    'stream',
    'target',
  );
  readonly #targetRetries = this.#counter('target_retries_total', 'connections that were retried', 'stream', 'target');
  readonly #recordingState = this.#gauge(
    'recording_state',
    '1 for the state that the recording is in',
    'stream',
    'state',
  );
  readonly #recordedBytes = this.#counter('recording_written_bytes_total', 'bytes written to recordings', 'stream');
  readonly #reidComputed = this.#counter('reid_computed_total', 'appearance embeddings computed', 'stream');
  readonly #reidSkipped = this.#counter('reid_skipped_total', 'associations that needed no embedding', 'stream');
  readonly #posesComputed = this.#counter('poses_computed_total', 'people whose pose was read', 'stream');
  readonly #posesSkipped = this.#counter('poses_skipped_total', 'people whose pose was known and not read', 'stream');
  readonly #swapsSuspected = this.#counter('reid_swaps_suspected_total', 'identity swaps suspected', 'stream');
  readonly #swapsCorrected = this.#counter('reid_swaps_corrected_total', 'identity swaps corrected', 'stream');
  readonly #resident = this.#gauge(
    'process_resident_memory_bytes',
    'memory of a process; for a stream, its share of the process that it runs in',
    'process',
    'stream',
  );
  readonly #gpuMemory = this.#gauge(
    'process_gpu_memory_bytes',
    'buffers of a process on the GPU; for a stream, its share of the process that it runs in',
    'process',
    'stream',
  );
  readonly #streamsInProcess = this.#gauge(
    'stream_process_streams',
    'streams in the process that the stream runs in',
    'stream',
  );
  readonly #gpuState = this.#gauge('gpu_state', '1 for how the stream uses the GPU', 'stream', 'state');
  readonly #gpuLost = this.#counter(
    'gpu_lost_total',
    'times the GPU was lost and the stream continued on the CPU',
    'stream',
  );
  readonly #gpuBytes = this.#counter(
    'gpu_bytes_total',
    'bytes between the memory of the machine and of GPUs, all processes',
    'direction',
    'purpose',
  );
  readonly #spareReady = this.#gauge('spare_process_ready', '1 while a process waits in which a stream starts at once');
  readonly #recycles = this.#counter(
    'stream_processes_recycled_total',
    'stream processes that were replaced because they took too much memory',
  );
  readonly #sessions = this.#gauge('signaling_sessions', 'open WebSockets');
  readonly #cluster = new ClusterMetrics(this.#registry);
  readonly #units = new UnitMetrics(this.#registry);

  constructor(sample: () => GatewaySample | Promise<GatewaySample>) {
    this.#sample = sample;
    this.contentType = this.#registry.contentType;
  }

  /** The text that `GET /metrics` answers. */
  async render(): Promise<string> {
    const {
      streams,
      version,
      sessions,
      recycles,
      residentBytes,
      mediaResidentBytes,
      spareResidentBytes,
      isSpareReady,
      cluster,
      units,
    } = await this.#sample();
    for (const metric of this.#metrics) metric.reset();
    this.#cluster.reset();
    this.#units.set(units);
    if (cluster) this.#cluster.add(cluster, fencedOutputs(streams));
    this.#build.set({ version, node: process.versions.node }, 1);
    this.#sessions.set(sessions);
    this.#recycles.inc(recycles);
    this.#resident.set({ process: 'gateway', stream: '' }, residentBytes);
    if (mediaResidentBytes !== undefined) this.#resident.set({ process: 'media', stream: '' }, mediaResidentBytes);
    if (spareResidentBytes !== undefined) this.#resident.set({ process: 'spare', stream: '' }, spareResidentBytes);
    if (isSpareReady !== undefined) this.#spareReady.set(Number(isSpareReady));
    for (const stream of streams) this.#add(stream);
    this.#addTraffic(streams);
    return this.#registry.metrics();
  }

  #add(sample: StreamSample): void {
    const { id, status, viewers, restarts, keyframeRequests } = sample;
    const stream = { stream: id };
    this.#addMemory(sample);
    for (const state of STREAM_STATES) this.#streamState.set({ ...stream, state }, Number(status.state === state));
    if (status.error) this.#streamError.set({ ...stream, code: status.error.code }, 1);
    if (status.gpu) {
      for (const state of GPU_STATES) this.#gpuState.set({ ...stream, state }, Number(status.gpu.state === state));
    }
    this.#gpuLost.inc(stream, Number(status.gpu?.state === 'lost'));
    this.#restarts.inc(stream, restarts);
    this.#viewers.set(stream, viewers);
    this.#people.set(stream, status.people.length);
    this.#framesIn.inc(stream, status.frames.in);
    this.#framesOut.inc(stream, status.frames.out);
    this.#framesRepeated.inc(stream, status.frames.repeated);
    this.#framesDropped.inc(stream, status.frames.dropped);
    this.#framesDamaged.inc(stream, status.frames.damaged);
    this.#keyframes.inc(stream, keyframeRequests);
    this.#reidComputed.inc(stream, status.reid.computed);
    this.#reidSkipped.inc(stream, status.reid.skipped);
    this.#posesComputed.inc(stream, status.poses?.computed ?? 0);
    this.#posesSkipped.inc(stream, status.poses?.skipped ?? 0);
    this.#swapsSuspected.inc(stream, status.reid.swapsSuspected);
    this.#swapsCorrected.inc(stream, status.reid.swapsCorrected);
    this.#addTimings(stream, sample.timings);
    this.#detections.inc(stream, status.frames.detected);
    this.#reconnects.inc(stream, status.source.reconnects ?? 0);
    for (const state of RECORDING_STATES)
      this.#recordingState.set({ ...stream, state }, Number(status.recording.state === state));
    this.#recordedBytes.inc(stream, status.recording.bytes);
    for (const { id: target, state: current, bytes, retries, dropped } of status.targets) {
      for (const state of TARGET_STATES) this.#targetState.set({ ...stream, target, state }, Number(current === state));
      this.#targetBytes.inc({ ...stream, target }, bytes);
      this.#targetRetries.inc({ ...stream, target }, retries);
      this.#targetDropped.inc({ ...stream, target }, dropped);
    }
  }

  #addTimings(stream: Readonly<Record<'stream', string>>, timings: StageTimings | undefined): void {
    if (!timings) return;
    for (const stage of TIMED_STAGES) {
      if (stage === 'total') this.#frameLatency.set(stream, timings.total);
      else this.#stageLatency.set({ ...stream, stage }, timings[stage]);
    }
  }

  /** Shares, so that a sum over streams is what their processes take. */
  #addMemory({ id, status, residentBytes, streamsInProcess }: StreamSample): void {
    const labels = { process: 'stream', stream: id };
    this.#streamsInProcess.set({ stream: id }, streamsInProcess);
    const sharers = Math.max(1, streamsInProcess);
    if (residentBytes !== undefined) this.#resident.set(labels, residentBytes / sharers);
    if (status.memory?.gpuBytes !== undefined) this.#gpuMemory.set(labels, status.memory.gpuBytes / sharers);
  }

  /** The streams of a process share its GPU, and all report the same figures. */
  #addTraffic(streams: readonly StreamSample[]): void {
    const counted = new Set<number>();
    for (const { pid, status } of streams) {
      const traffic = status.gpu?.traffic;
      if (traffic === undefined || pid === undefined || counted.has(pid)) continue;
      counted.add(pid);
      for (const purpose of BUS_PURPOSES) {
        this.#gpuBytes.inc({ direction: 'to_device', purpose }, traffic.toDevice[purpose]);
        this.#gpuBytes.inc({ direction: 'to_host', purpose }, traffic.toHost[purpose]);
      }
    }
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    const gauge = new Gauge({ name: `diptych_${name}`, help, labelNames, registers: [this.#registry] });
    this.#metrics.push(gauge);
    return gauge;
  }

  #histogram(name: string, help: string): DurationHistogram {
    const histogram = new DurationHistogram({ name: `diptych_${name}`, help });
    // The type of prom-client names its own classes only; it asks for no more than this.
    this.#registry.registerMetric(histogram as unknown as Metric);
    this.#metrics.push(histogram);
    return histogram;
  }

  #counter(name: string, help: string, ...labelNames: string[]): Counter {
    const counter = new Counter({ name: `diptych_${name}`, help, labelNames, registers: [this.#registry] });
    this.#metrics.push(counter);
    return counter;
  }
}
