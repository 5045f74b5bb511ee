import type { ChildProcess } from 'node:child_process';
import type { GpuConfig, SourceConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Problem } from '../../shared/domain/status-error.js';
import type { ProbeCommand, ProbeReport, ProbeResult } from '../../shared/ipc/probe-messages.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { limitError } from '../access/limit-error.js';
import { safeListener } from '../guard/safe-listener.js';
import { exitOf, forkStreamProcess } from '../streams/child-process.adapter.js';

/** What a {@link Prober} works with. */
export interface ProberOptions {
  /** Script of the process that tries a source. */
  readonly modulePath: string;
  /** Variables of that process, beside the gateway's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Decides which decoder a stream would take. */
  readonly gpu: GpuConfig;
  /** Told when a process had to be killed. */
  readonly logger: Logger;
  /**
   * Sources that are tried at the same time. Higher: more people add cameras at once. Lower: streams that run are less
   * disturbed.
   */
  readonly maxAtOnce: number;
  /**
   * A source that has sent no picture by then is told as silent, s. Higher: cameras with rare keyframes are found.
   * Lower: people wait less for an address that is wrong. @defaultValue 15
   */
  readonly limitS?: number;
}

/** Beyond the time for the source, for the start of the process, ms. */
const START_MS = 30_000;
/** From the answer to the end of the process, ms: the source is closed in between. */
const END_MS = 3_000;

/** Tries sources before they are kept, each in a process of its own: whatever a camera sends, nothing else notices. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #running = new Set<ChildProcess>();
  #isClosed = false;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /**
   * What a source sends.
   *
   * @param signal - nobody waits any more: the process is ended
   * @throws {@link DiptychError} as a stream with this source would say it; `DIPTYCH_E_LIMIT_PROBES` where as many are tried
   *   already as are at once
   */
  async probe(source: SourceConfig, signal: AbortSignal): Promise<ProbeResult> {
    const { maxAtOnce, modulePath, environment, gpu, limitS = 15 } = this.#options;
    if (this.#isClosed) throw new DiptychError('DIPTYCH_E_NOT_READY', 'the gateway is ending');
    if (this.#running.size >= maxAtOnce) {
      const what = `sources are being tried at the moment: ${maxAtOnce}`;
      throw limitError('DIPTYCH_E_LIMIT_PROBES', what, 'probes', 'try again in a few seconds');
    }
    const child = forkStreamProcess(modulePath, environment);
    this.#running.add(child);
    const exited = exitOf(child);
    void exited.then(() => this.#running.delete(child));
    const kill = (): void => void child.kill('SIGKILL');
    const timer = setTimeout(kill, limitS * 1000 + START_MS);
    signal.addEventListener('abort', kill, { once: true });
    try {
      return await this.#ask(child, { source, gpu, limitS }, exited);
    } finally {
      signal.removeEventListener('abort', kill);
      clearTimeout(timer);
      this.#end(child, exited);
    }
  }

  /** Ends what is being tried; resolves once it is gone. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(
      [...this.#running].map((child) => {
        const exited = exitOf(child);
        child.kill('SIGKILL');
        return exited;
      }),
    );
  }

  #ask(child: ChildProcess, command: ProbeCommand, exited: Promise<string | undefined>): Promise<ProbeResult> {
    return new Promise((resolve, reject) => {
      const onReport = (report: ProbeReport): void => {
        if (report.type === 'found') resolve(report.result);
        else reject(errorOf(report.error));
      };
      child.on('message', (report) =>
        safeListener(this.#options.logger, 'a report of a probe', onReport)(report as ProbeReport),
      );
      child.send(command, () => undefined);
      void exited.then((exit) =>
        reject(
          new DiptychError(
            'DIPTYCH_E_PROCESS',
            `the process that tried the source ended before it was done (${exit ?? 'without an answer'}); try again`,
          ),
        ),
      );
    });
  }

  /** It closes its source, and is killed where that takes long. */
  #end(child: ChildProcess, exited: Promise<string | undefined>): void {
    const timer = setTimeout(() => {
      this.#options.logger.warn({ pid: child.pid }, 'the process that tried a source did not end; it is killed');
      child.kill('SIGKILL');
    }, END_MS);
    timer.unref();
    void exited.then(() => clearTimeout(timer));
  }
}

const errorOf = ({ code, message }: Problem): DiptychError => new DiptychError(code, message);
