import { filter, firstValueFrom, map, race, timer } from 'rxjs';
import type { OutputConfig } from '../../../shared/config/schema.js';
import type { FrameMemory } from '../../../shared/domain/frame.js';
import { Graph } from '../../gst/graph.adapter.js';
import { loadAddon } from '../../native/addon.adapter.js';
import { chooseEncoder, encoderElements, type EncoderChoice, type EncoderState } from './encoder-choice.js';
import { nvencLaunch } from './video-encoder.adapter.js';

/** Opening NVENC takes a second at worst; longer means that it hangs. */
const PROBE_TIMEOUT_MS = 5000;
/** Any values that an encoder takes: the test is whether it works at all. */
const PREFERENCES = { bitrateKbps: 1000, vbvKbit: 400 };

/** Tests an encoder with one picture in the memory that it would encode from. */
async function probeEncoder(element: string, memory: FrameMemory, device: number): Promise<EncoderState> {
  const addon = loadAddon();
  if (!addon.elementInfo(element).exists) return { state: 'missing' };
  // It needs no driver, so a test would only delay the start.
  if (element === 'x264enc') return { state: 'works' };
  if (memory === 'cuda' && !addon.elementInfo('cudaupload').exists) {
    return { state: 'fails', said: 'GStreamer has no cudaupload to try it with' };
  }
  const graph = await Graph.load('probe-encoder', {
    upload: memory === 'cuda' ? `cudaupload cuda-device-id=${device} ! video/x-raw(memory:CUDAMemory)` : 'identity',
    encoder: nvencLaunch(element, PREFERENCES).launch,
  });
  try {
    const end = race(
      graph.messages$.pipe(
        filter((message) => message.type === 'eos' || message.type === 'error'),
        map((message) => (message.type === 'error' ? message.text : undefined)),
      ),
      timer(PROBE_TIMEOUT_MS).pipe(map(() => `nothing happened for ${PROBE_TIMEOUT_MS / 1000} s`)),
    );
    const ended = firstValueFrom(end);
    graph.play();
    const said = await ended;
    if (said !== undefined) return { state: 'fails', said };
    return { state: addon.sinkStats(graph.id, 'encoded').received > 0 ? 'works' : 'fails' };
  } finally {
    await graph.close();
  }
}

/**
 * The encoder that is used on this machine; the better ones are tested.
 *
 * @param memory - where the pictures of the stream are
 * @param device - the GPU of that memory, from 0
 * @throws {@link DiptychError} `DIPTYCH_E_ELEMENT_MISSING` where none works.
 */
export async function pickEncoder(
  wanted: OutputConfig['encoder'],
  memory: FrameMemory,
  device = 0,
): Promise<EncoderChoice> {
  const states = new Map<string, EncoderState>();
  for (const element of encoderElements(device)) states.set(element, await probeEncoder(element, memory, device));
  return chooseEncoder(wanted, (element) => states.get(element) ?? { state: 'missing' }, device);
}
