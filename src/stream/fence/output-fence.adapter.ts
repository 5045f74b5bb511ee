import { setTimeout as sleep } from 'node:timers/promises';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Graph } from '../gst/graph.adapter.js';
import { loadAddon } from '../native/addon.adapter.js';

/** How soon output begins once it may, ms. */
const LOOK_INTERVAL_MS = 50;

/** Set by a gateway that shares its streams with others; what is in the file is the gateway's. */
const path = process.env['DIPTYCH_FENCE_FILE'];

/** Whether this process may not publish or record now: always false where the gateway is alone. */
export function isFenced(): boolean {
  return path !== undefined && fence().isFencePast();
}

/** Resolves as soon as this process may publish and record, or `signal` aborts. @param onWait - called once where it may not yet */
export async function untilAllowed(signal: AbortSignal, onWait: () => void = () => undefined): Promise<void> {
  if (!isFenced()) return;
  onWait();
  while (isFenced() && !signal.aborted) await sleep(LOOK_INTERVAL_MS);
}

/** Ends a connection of a graph when this process may not publish any more. */
export function fenceConnection(graph: Graph, element: string): void {
  if (path !== undefined) fence().fenceOutput(graph.id, element, 'sink', 'connection');
}

/** Lets no more of a source of a graph into a file when this process may not record any more. */
export function fenceFile(graph: Graph, source: string): void {
  if (path !== undefined) fence().fenceOutput(graph.id, source, 'src', 'file');
}

/** Why nothing is published or recorded. @param what - begins the sentence */
export const fencedError = (what: string): DiptychError =>
  new DiptychError(
    'DIPTYCH_E_FENCED',
    `${what} waits: etcd has not renewed the lease of this host in time, and another host may have the stream; it goes on by itself`,
  );

function fence(): ReturnType<typeof loadAddon> {
  const addon = loadAddon();
  if (path !== undefined) addon.openFence(path);
  return addon;
}
