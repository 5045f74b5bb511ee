import { firstValueFrom, merge, mergeMap, throwError, timeout } from 'rxjs';
import { DiptychError } from '../../../shared/domain/errors.js';
import type { FrameHandle } from '../../../shared/domain/frame.js';
import { Graph } from '../../gst/graph.adapter.js';
import type { TemplateValues } from '../../gst/template.js';

const RENDER_LIMIT_MS = 20_000;

/**
 * Draws one frame with a graph whose sink has the template's name. The caller owns one reference to it, and
 * releases it.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH`, `DIPTYCH_E_ELEMENT_MISSING`.
 */
export async function drawOnce(template: string, values: TemplateValues): Promise<FrameHandle> {
  const graph = await Graph.load(template, values);
  try {
    const failed$ = graph.messages$.pipe(
      mergeMap((message) =>
        message.type === 'error'
          ? throwError(() => new DiptychError('DIPTYCH_E_GRAPH', `the ${template} could not be drawn: ${message.text}`))
          : [],
      ),
    );
    const drawn = firstValueFrom(merge(graph.frames(template), failed$).pipe(timeout(RENDER_LIMIT_MS)));
    graph.play();
    return (await drawn).handle;
  } finally {
    await graph.close();
  }
}
