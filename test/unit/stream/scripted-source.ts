import { Subject } from 'rxjs';
import type { SourceConfig } from '#src/shared/config/source-schema.js';
import type { ErrorCode } from '#src/shared/domain/errors.js';
import type { NativeFrame } from '#src/stream/native/types.js';
import type { SourceListeners, SwitchedSource } from '#src/stream/switching-source-options.js';

/** A source that does what a test says. */
export class ScriptedSource implements SwitchedSource {
  readonly frames$ = new Subject<NativeFrame>();
  condition: SwitchedSource['condition'] = 'lost';
  damaged = 1;
  droppedBy = { decode: 10, late: 100 };
  info = { codec: 'H.264' };
  lagMs = 0;
  trouble: SwitchedSource['trouble'];
  restarts = 0;
  isRunning = false;
  adjusted: SourceConfig | undefined;
  published: unknown;
  takesSoundFrom: SwitchedSource | 'nobody' | undefined;

  constructor(
    readonly config: SourceConfig,
    readonly listeners: SourceListeners,
  ) {}

  adjust(config: SourceConfig): void {
    this.adjusted = config;
  }
  begin(publication: unknown): void {
    this.published = publication;
  }
  follow(publication: unknown): void {
    this.published = publication;
  }
  restart(): void {
    this.restarts += 1;
  }
  goOnAir(former?: SwitchedSource): void {
    this.takesSoundFrom = former ?? 'nobody';
  }
  async run(signal: AbortSignal): Promise<void> {
    this.isRunning = true;
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    this.isRunning = false;
    this.condition = 'lost';
  }
  picture(ptsMs: number): void {
    this.condition = 'live';
    this.frames$.next({ handle: ptsMs, ptsMs } as NativeFrame);
  }
  fail(code: ErrorCode): void {
    this.condition = 'lost';
    this.listeners.onLost({ code, message: code }, 1000);
  }
}
