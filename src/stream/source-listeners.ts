import { maskUrl } from '../shared/config/mask-url.js';
import { statusError, type Problem, type StatusError } from '../shared/domain/status-error.js';
import type { Logger } from '../shared/telemetry/logger.js';
import { levelOfLoss } from './live-source.js';
import type { StreamReporter } from './stream-reporter.js';
import type { NextSource, SwitchingSourceOptions } from './switching-source-options.js';

/** Whom the listeners of a source tell. */
export interface SourceListenersOptions {
  /** Of the stream: status and events. */
  readonly reporter: Pick<
    StreamReporter,
    'describeNextSource' | 'describeSource' | 'replaceSource' | 'sendEvent' | 'sendStatus' | 'sourceLost'
  >;
  /** Of the stream; a reason that stays the same is logged once. */
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>;
}

/** Tells status, events and log of a stream what becomes of its sources. */
export function sourceListeners({
  reporter,
  logger,
}: SourceListenersOptions): Pick<SwitchingSourceOptions, 'onInfo' | 'onLost' | 'onNext' | 'onOpened' | 'onShown'> {
  const shown = new Reasons(logger);
  const next = new Reasons(logger);
  return {
    onOpened: () => {
      shown.forget();
      reporter.sendEvent('source_opened', {});
    },
    onInfo: (info) => reporter.describeSource(info),
    onLost: (problem, retryInMs) => {
      reporter.sourceLost(errorOf(problem, retryInMs));
      const reason = shown.log(problem, retryInMs, 'source lost; it is opened again');
      reporter.sendEvent('source_lost', { reason, retryInMs });
      reporter.sendStatus();
    },
    onNext: (wanted) => {
      reporter.describeNextSource(wanted && describe(wanted));
      if (!wanted) next.forget();
      else if (!wanted.problem) {
        logger.info(
          { source: maskUrl(wanted.source.url) },
          'another source is opened, and shown from its first picture',
        );
        reporter.sendEvent('source_changing', { url: maskUrl(wanted.source.url) });
      } else {
        const { problem, retryInMs = 0 } = wanted;
        const reason = next.log(problem, retryInMs, 'the new source does not come; it is opened again');
        reporter.sendEvent('source_change_failed', { reason, retryInMs });
      }
      reporter.sendStatus();
    },
    onShown: ({ url }, info) => {
      shown.forget();
      reporter.replaceSource({ ...info, url: maskUrl(url) });
      logger.info({ source: maskUrl(url) }, 'another source is shown');
      reporter.sendEvent('source_changed', { url: maskUrl(url) });
    },
  };
}

/** Of one source; what stays away for the same reason is told once. */
class Reasons {
  readonly #logger: SourceListenersOptions['logger'];
  #told: string | undefined;

  constructor(logger: SourceListenersOptions['logger']) {
    this.#logger = logger;
  }

  log(problem: Problem, retryInMs: number, message: string): string {
    const reason = `${problem.code}: ${problem.message}`;
    const level = reason === this.#told ? 'debug' : levelOfLoss(problem.code);
    this.#told = reason;
    this.#logger[level]({ reason, retryInMs }, message);
    return reason;
  }

  forget(): void {
    this.#told = undefined;
  }
}

/** There is no time of the next attempt at what waits for somebody to publish. */
const errorOf = (problem: Problem, retryInMs: number): StatusError =>
  statusError(problem, problem.code === 'DIPTYCH_E_SOURCE_UNPUBLISHED' ? undefined : Date.now() + retryInMs);

const describe = ({ source, problem, retryInMs = 0 }: NextSource): { url: string; error?: StatusError } => ({
  url: maskUrl(source.url),
  ...(problem && { error: errorOf(problem, retryInMs) }),
});
