import { filter, firstValueFrom, interval, map, merge, timer } from 'rxjs';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import type { FileContent } from './file-decoding.js';
import { UPRIGHT } from './picture-shape.js';

const CODECS = ['h264', 'h265'] as const;
const POLL_MS = 5;
/** Reading the beginning of a file takes a few milliseconds; a file that takes longer is left to GStreamer. */
const PROBE_TIMEOUT_MS = 5000;

/** Finds out what a file contains. A file that cannot be read fails when it is played, not here. */
export async function probeFile(path: string): Promise<FileContent> {
  const addon = loadAddon();
  const graph = await Graph.load('probe-file', { location: path });
  let orientation = UPRIGHT;
  graph.messages$.subscribe((message) => {
    if (message.type === 'tags') orientation = message.tags['image-orientation'] ?? orientation;
  });
  try {
    const seen = (): (typeof CODECS)[number] | undefined =>
      CODECS.find((codec) => addon.sinkStats(graph.id, codec).received > 0);
    const ended$ = graph.messages$.pipe(
      filter(({ type }) => type === 'eos' || type === 'error'),
      map(() => true),
    );
    const found$ = interval(POLL_MS).pipe(
      filter(() => seen() !== undefined),
      map(() => true),
    );
    const done = firstValueFrom(merge(ended$, found$, timer(PROBE_TIMEOUT_MS)));
    graph.play();
    await done;
    const codec = seen();
    // Tags travel before the pictures; their messages may be a moment behind.
    await firstValueFrom(timer(POLL_MS));
    return { ...(codec === undefined ? {} : { codec }), isTurned: orientation !== UPRIGHT };
  } finally {
    await graph.close();
  }
}
