import type { Logger } from '../../shared/telemetry/logger.js';

/**
 * A listener that never throws. What `listener` throws is logged with `name`, and the gateway with
 * all its streams goes on: an exception in a listener would otherwise end the process. Every
 * listener on what comes from outside (sockets, child processes, the media worker) and every timer
 * of the gateway is wrapped.
 *
 * @param name - what was being done, for the log
 * @param onFailure - frees what the event was about, such as its socket; must not throw
 */
export function safeListener<Arguments extends readonly unknown[]>(
  logger: Pick<Logger, 'error'>,
  name: string,
  listener: (...args: Arguments) => void,
  onFailure?: (...args: Arguments) => void,
): (...args: Arguments) => void {
  return (...args) => {
    try {
      listener(...args);
    } catch (error) {
      logger.error({ err: error }, `${name} failed; the gateway goes on`);
      onFailure?.(...args);
    }
  };
}
