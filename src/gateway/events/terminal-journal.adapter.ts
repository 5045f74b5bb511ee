import type { StreamStatus } from '../../shared/domain/stream-status.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { ManagedStream } from '../streams/managed-stream.adapter.js';
import type { StreamRegistry } from '../streams/stream-registry.adapter.js';
import type { Journals } from './stream-journal.adapter.js';
import { terminalText } from './terminal-text.js';

/** Where lines go, and what they are about. */
export interface TerminalJournalOptions {
  /** The streams that there are, and those to come. */
  readonly registry: StreamRegistry;
  /** What happens to them. */
  readonly journals: Journals;
  /** Writes for people. */
  readonly logger: Logger;
}

/**
 * Writes what happens to streams for somebody at the terminal: a line for each stream that begins, and one for whatever
 * changes. What the GPU does, or why none is used, is the same for most streams and is told once.
 */
export function tellOnTerminal({ registry, journals, logger }: TerminalJournalOptions): void {
  const toldOfGpu = new Set<string>();
  const follow = (stream: ManagedStream): void => {
    const journal = journals.of(stream);
    let { lastId } = journal;
    let isFirst = true;
    journal.follow((news) => {
      if (news === 'gone') {
        logger.info({ stream: stream.id }, 'the stream was removed');
        return;
      }
      for (let event = journal.after(lastId); event !== undefined; event = journal.after(lastId)) {
        lastId = event.id;
        const told = terminalText(event, stream.status, isFirst);
        if (event.kind === 'state' && event.data['to'] === 'live') isFirst = false;
        if (told) logger[told.level]({ stream: stream.id }, told.text);
      }
    });
    stream.on('status', ({ gpu }: StreamStatus) => {
      if (gpu === undefined || toldOfGpu.has(gpu.reason)) return;
      toldOfGpu.add(gpu.reason);
      logger.info(`GPU: ${gpu.reason}`);
    });
  };
  for (const stream of registry.list()) follow(stream);
  registry.on('added', follow);
}
