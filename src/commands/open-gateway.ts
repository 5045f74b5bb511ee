import type { GatewayConfig } from '#config/schema.js';
import { startGateway, type Gateway } from '../gateway.js';
import { Backoff } from '#supervision/backoff.js';

/** A gateway with the product's own back-off and keyframe limit. */
export function openGateway(config: GatewayConfig): Promise<Gateway> {
  return startGateway(config, { createBackoff: () => new Backoff(), createKeyframeGate });
}
