import type { StreamConfig } from '../../shared/config/schema.js';
import type { WantedStream } from '../../shared/ipc/messages.js';

/** What a configuration by itself asks for. Targets without a name have that of their place. */
export function wantedBy(config: StreamConfig): WantedStream {
  return {
    ...{ revision: 1, config, slots: { isLocked: false, actions: [] } },
    targets: config.targets.map(({ id, url, key }, index) => ({
      ...{ id: id ?? `target-${index + 1}`, url },
      ...(key !== undefined && { key }),
    })),
  };
}
