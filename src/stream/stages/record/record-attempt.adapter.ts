import { basename } from 'node:path';
import { filter, firstValueFrom, race, timer } from 'rxjs';
import { DiptychError } from '../../../shared/domain/errors.js';
import { fenceFile, fencedError, isFenced, untilAllowed } from '../../fence/output-fence.adapter.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { BusMessage } from '../../native/types.js';
import type { RecordOptions } from './record-options.js';
import { PictureFlow } from './picture-flow.js';
import { picturesMissing, recordingError } from './recording-error.js';
import { prepareFolder } from './segment-files.adapter.js';
import { SegmentSeries } from './segment-series.adapter.js';

/** How recording goes. */
export interface RecordProgress {
  /** Name of the segment that is written; absent before the first one. */
  readonly file?: string;
  /** Written in this attempt, all segments together. */
  readonly bytes: number;
}

/** What may wait for a slow disk, milliseconds: one that spins up takes up to ten seconds. */
const MAX_QUEUE_MS = 12_000;
const WATCH_INTERVAL_MS = 1000;
/** Sound is there before the first picture, so that both can begin with it. */
const SOUND_FIRST_MS = 300;
/** Room for chapters in the index of each segment: 255 with 50 letters each. */
const CHAPTERS_BYTES = 16_000;
/** How long completing the last segment may take. */
const END_MS = 1200;

/**
 * Records until `signal` aborts; the last segment is then completed, in under two seconds. One attempt: nothing here
 * tries again. Whatever happens, each file that is left plays.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_DISK_FULL`, `DIPTYCH_E_RECORDING`; `DIPTYCH_E_FENCED` where this host may not record
 */
export async function record(
  options: RecordOptions,
  signal: AbortSignal,
  onProgress: (progress: RecordProgress) => void,
): Promise<void> {
  const { stream, root, segmentS, segmentMb } = options;
  let folder = root.path;
  await untilAllowed(signal);
  if (signal.aborted) return;
  try {
    folder = await prepareFolder(root, stream);
    const graph = await Graph.load('record', { segmentNs: segmentS * 1e9, segmentBytes: segmentMb * 1e6 });
    const series = new SegmentSeries({ ...options, folder });
    try {
      await run(graph, series, options, folder, signal, onProgress);
    } finally {
      await graph.close();
      await series.close();
    }
  } catch (error) {
    if (isFenced()) throw fencedError('the recording');
    if (error instanceof DiptychError) throw error;
    throw recordingError(folder, error instanceof Error ? error.message : String(error));
  }
}

async function run(
  graph: Graph,
  series: SegmentSeries,
  { taps }: RecordOptions,
  folder: string,
  signal: AbortSignal,
  onProgress: (progress: RecordProgress) => void,
): Promise<void> {
  const addon = loadAddon();
  addon.nameSegments(graph.id, 'files', folder, CHAPTERS_BYTES);
  fenceFile(graph, 'video');
  fenceFile(graph, 'audio');
  addon.startTogether(graph.id, 'video', 'audio');
  const over = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    graph.messages$.subscribe((message) => {
      if (message.type === 'error') reject(recordingError(folder, `${message.text} ${message.debug}`));
      if (message.type === 'segment') takeSegment(series, message);
    });
  });
  const watched = watch({ graph, series, folder }, over.signal, onProgress);
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
  });
  const isAborted = (): boolean => signal.aborted;
  try {
    graph.play();
    if (isAborted()) return;
    const link = { maxQueueMs: MAX_QUEUE_MS };
    addon.link(taps.audio, { graphId: graph.id, element: 'audio' }, { ...link, startOnKeyframe: false });
    await Promise.race([firstValueFrom(timer(SOUND_FIRST_MS)), failed, watched, aborted]);
    if (isAborted()) return;
    addon.link(taps.video, { graphId: graph.id, element: 'video' }, { ...link, startOnKeyframe: true });
    try {
      await Promise.race([aborted, failed, watched]);
    } catch (error) {
      // Room for the index is left where the disk is about to be full.
      if (error instanceof DiptychError && error.code === 'DIPTYCH_E_DISK_FULL') await endFiles(graph);
      throw error;
    }
    await endFiles(graph);
  } finally {
    over.abort();
    failed.catch(() => undefined);
    watched.catch(() => undefined);
  }
}

function takeSegment(series: SegmentSeries, message: Extract<BusMessage, { readonly type: 'segment' }>): void {
  const { location, isComplete, runningTimeMs } = message;
  if (isComplete) series.completed(basename(location), runningTimeMs);
  else series.began(basename(location), runningTimeMs);
}

/** Rejects where the disk fills up, a file is gone, or no pictures reach it; never resolves. */
function watch(
  { graph, series, folder }: { readonly graph: Graph; readonly series: SegmentSeries; readonly folder: string },
  over: AbortSignal,
  onProgress: (progress: RecordProgress) => void,
): Promise<never> {
  const addon = loadAddon();
  const flow = new PictureFlow();
  return new Promise((_, reject) => {
    const look = async (): Promise<void> => {
      await series.check();
      if (over.aborted) return;
      const missing = flow.look(addon.sourceStats(graph.id, 'video'));
      if (missing !== undefined) {
        // What there is of the last group of pictures is kept.
        await endFiles(graph);
        throw picturesMissing(folder, missing);
      }
      const { file, bytes } = series;
      onProgress({ ...(file !== undefined && { file }), bytes });
      timeout = setTimeout(lookAgain, WATCH_INTERVAL_MS);
    };
    const lookAgain = (): void => void look().catch(reject);
    let timeout = setTimeout(lookAgain, WATCH_INTERVAL_MS);
    over.addEventListener('abort', () => clearTimeout(timeout), { once: true });
  });
}

/** Completes the file that is written; a disk that does not answer is not waited for. */
async function endFiles(graph: Graph): Promise<void> {
  const addon = loadAddon();
  const ended = firstValueFrom(
    race(graph.messages$.pipe(filter(({ type }) => type === 'eos' || type === 'error')), timer(END_MS)),
    { defaultValue: undefined },
  );
  addon.endSource(graph.id, 'video');
  addon.endSource(graph.id, 'audio');
  await ended;
}
