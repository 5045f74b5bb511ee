import { reportClip, REPORT_SIZES } from '#src/bench/report-clips.js';
import { CODEC_CLIPS, codecClip } from './codec-clips.adapter.js';
import { longClip } from './long-clip.adapter.js';
import { startClip } from './start-clip.adapter.js';

/** Paths of all clips that the benchmark reads; those that are not in the cache are made. */
export async function benchMedia(): Promise<readonly string[]> {
  const clips = [await longClip(), await startClip()];
  for (const size of REPORT_SIZES) clips.push(await reportClip(size));
  for (const name of CODEC_CLIPS) clips.push(await codecClip(name));
  return clips;
}
