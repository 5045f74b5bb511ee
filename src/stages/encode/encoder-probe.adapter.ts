import { filter, firstValueFrom, map, race, timer } from 'rxjs';
import type { OutputConfig } from '#config/schema.js';
import { Graph } from '#gst/graph.adapter.js';
import { loadAddon } from '#native/addon.adapter.js';
import { chooseEncoder, ENCODER_ELEMENTS, type EncoderChoice, type EncoderState } from './encoder-choice.js';

/** Opening NVENC takes a second at worst; longer means that it hangs. */
const PROBE_TIMEOUT_MS = 5000;

/** Tries an encoder with one picture. */
async function probeEncoder(element: string): Promise<EncoderState> {
  const addon = loadAddon();
  if (!addon.elementInfo(element).exists) return 'missing';
  // It has no driver that could be missing, and the demo should start soon.
  if (element === 'x264enc') return 'works';
  const graph = await Graph.load('probe-encoder', { encoder: element });
  try {
    const end = race(
      graph.messages$.pipe(
        map((message) => message.type),
        filter((type) => type === 'eos' || type === 'error'),
      ),
      timer(PROBE_TIMEOUT_MS).pipe(map(() => 'timeout')),
    );
    const ended = firstValueFrom(end);
    graph.play();
    return (await ended) === 'eos' && addon.sinkStats(graph.id, 'encoded').received > 0 ? 'works' : 'fails';
  } finally {
    await graph.close();
  }
}

/**
 * The encoder that will be used on this machine; the better ones are tried.
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING` where none works.
 */
export async function pickEncoder(wanted: OutputConfig['encoder']): Promise<EncoderChoice> {
  const states = new Map<string, EncoderState>();
  for (const element of ENCODER_ELEMENTS) states.set(element, await probeEncoder(element));
  return chooseEncoder(wanted, (element) => states.get(element) ?? 'missing');
}
