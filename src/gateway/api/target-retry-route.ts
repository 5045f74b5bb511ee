import { DiptychError } from '../../shared/domain/errors.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import { route, type Route } from './route.js';

/** What this route needs of the gateway. */
export interface TargetRetryContext {
  /** Streams by name. */
  readonly registry: Pick<StreamRegistry, 'get'>;
}

/** Connecting to a target anew at once, without waiting for the next try. */
export const targetRetryRoute = ({ registry }: TargetRetryContext): Route =>
  route({
    id: 'retryTarget',
    role: 'operate',
    tag: 'targets',
    method: 'POST',
    path: '/api/v1/streams/:id/targets/:targetId/retry',
    summary: 'Connect to a target anew now; what it counted begins anew as well',
    answer: { status: 204, description: 'It is being connected' },
    failures: [503],
    handle: async ({ params }) => {
      const stream = registry.get(params['id'] ?? '');
      const { targets } = stream.config;
      const place = targets.findIndex(({ id }) => id === params['targetId']);
      const target = targets[place];
      if (!target) {
        const there = targets.map(({ id }) => `"${id ?? ''}"`).join(', ') || 'none';
        throw new DiptychError('DIPTYCH_E_NOT_FOUND', `no target "${params['targetId'] ?? ''}"; there is: ${there}`);
      }
      const without = targets.filter((one) => one !== target);
      stream.configure({ ...stream.config, targets: without });
      try {
        await stream.settled();
      } finally {
        const now = stream.config.targets;
        const isBack = now.some(({ id }) => id === target.id);
        if (!isBack) stream.configure({ ...stream.config, targets: now.toSpliced(place, 0, target) });
      }
      return {};
    },
  });
