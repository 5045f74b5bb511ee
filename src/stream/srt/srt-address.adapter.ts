import { lookup } from 'node:dns/promises';
import type { SrtLocation } from '../../shared/srt/location.js';
import type { NetworkUse } from '../../shared/networks/network-rules.js';
import type { Graph } from '../gst/graph.adapter.js';
import { networkGuard } from '../network/network-guard.adapter.js';

/**
 * The address of a name, found out here, because GStreamer would hold up the whole process for it. A caller may go only
 * where `access` allows; a listener has an address of this machine.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_ADDRESS_NOT_ALLOWED`; what the system says where the name is not known
 */
export async function addressOf({ host, mode }: Pick<SrtLocation, 'host' | 'mode'>, use: NetworkUse): Promise<string> {
  return mode === 'listener' ? (await lookup(host)).address : networkGuard(use).addressOf(host, 'srt');
}

/** What GStreamer's elements for SRT take for a URL: nothing in it is secret. */
export const srtUri = (address: string, { port, mode }: Pick<SrtLocation, 'port' | 'mode'>): string =>
  `srt://${address.includes(':') ? `[${address}]` : address}:${port}?mode=${mode}`;

/** Sets what is secret of an address, as properties, so that no launch string holds it. */
export function setSrtSecrets(
  graph: Graph,
  element: string,
  { passphrase, keyBytes, streamId, mode }: SrtLocation,
): void {
  if (passphrase !== undefined) graph.setProperty(element, 'passphrase', passphrase);
  if (keyBytes !== undefined) graph.setProperty(element, 'pbkeylen', String(keyBytes));
  if (streamId !== undefined && mode === 'caller') graph.setProperty(element, 'streamid', streamId);
}
