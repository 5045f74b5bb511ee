import type { GatewayConfig } from '../../shared/config/schema.js';
import type { ProcessGpu } from '../../shared/ipc/messages.js';

/**
 * What each stream process may use of the GPU.
 *
 * @param seesOne - whether a process is given one GPU and sees no other
 */
export const processGpu = (
  { gpu, streamsPerProcess }: Pick<GatewayConfig, 'gpu' | 'streamsPerProcess'>,
  { seesOne }: { readonly seesOne: boolean },
): ProcessGpu => ({ ...gpu, ...(seesOne && { device: 0 }), isShared: streamsPerProcess > 1 });
