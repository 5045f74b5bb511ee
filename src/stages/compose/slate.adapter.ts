import { firstValueFrom, merge, mergeMap, throwError, timeout } from 'rxjs';
import type { Size } from '#domain/box.js';
import { DiptychError } from '#domain/errors.js';
import type { FrameHandle } from '#domain/frame.js';
import { Graph } from '#gst/graph.adapter.js';

export interface SlateText {
  readonly title: string;
  readonly subtitle: string;
}

/** Font sizes as fractions of the picture's height. */
const TITLE_SIZE = 0.04;
const SUBTITLE_SIZE = 0.027;
const RENDER_LIMIT_MS = 20_000;

/**
 * Draws the picture that stands while there is no source. The caller owns one reference.
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
 */
export async function renderSlate({ width, height }: Size, { title, subtitle }: SlateText): Promise<FrameHandle> {
  const font = (share: number): string => `Sans ${Math.round(height * share)}px`;
  const graph = await Graph.load('slate', {
    width,
    height,
    title,
    subtitle,
    titleFont: font(TITLE_SIZE),
    subtitleFont: font(SUBTITLE_SIZE),
  });
  try {
    const failed$ = graph.messages$.pipe(
      mergeMap((message) =>
        message.type === 'error'
          ? throwError(() => new DiptychError('DIPTYCH_E_GRAPH', `the slate could not be drawn: ${message.text}`))
          : [],
      ),
    );
    const drawn = firstValueFrom(merge(graph.frames('slate'), failed$).pipe(timeout(RENDER_LIMIT_MS)));
    graph.play();
    return (await drawn).handle;
  } finally {
    await graph.close();
  }
}
