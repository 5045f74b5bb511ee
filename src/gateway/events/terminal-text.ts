import type { LoggedEvent } from '../../shared/domain/logged-event.js';
import type { StreamStatus } from '../../shared/domain/stream-status.js';

/** People come and go all the time; the page tells of them. */
const NOT_TOLD: ReadonlySet<string> = new Set([
  ...['added', 'new_identity', 'reentry', 'named', 'slots'],
  ...['swap_suspected', 'suspicion_ended', 'swap_corrected', 'identities_merged'],
]);
/** Tried again and again, or ended. */
const BAD_STATES: ReadonlySet<unknown> = new Set(['offline', 'unauthorized', 'failed', 'retrying']);

/** What somebody at the terminal is told of an event; absent where nothing is. */
export interface TerminalText {
  /** How bad it is. */
  readonly level: 'info' | 'warn';
  /** One sentence. */
  readonly text: string;
}

/** An event for somebody at the terminal. @param isFirst - whether the stream was not live before, so that it is introduced */
export function terminalText(
  { kind, text, data }: Pick<LoggedEvent, 'kind' | 'text' | 'data'>,
  status: StreamStatus,
  isFirst: boolean,
): TerminalText | undefined {
  const { to } = data;
  if (NOT_TOLD.has(kind) || (kind === 'state' && to === 'connecting')) return undefined;
  if (kind === 'target' && (to === 'waiting' || to === 'connecting')) return undefined;
  if (kind === 'state' && to === 'live' && isFirst) return { level: 'info', text: introduction(status) };
  return { level: BAD_STATES.has(to) || kind === 'source_lost' ? 'warn' : 'info', text };
}

/** One line for a stream that begins: what comes in, and what goes out. */
export function introduction({ source, output }: StreamStatus): string {
  const { url, codec, width, height, fps, audio } = source;
  const size = width === undefined || height === undefined ? '' : ` ${width}×${height}`;
  const rate = fps === undefined ? '' : ` at ${Math.round(fps)} fps`;
  const comes = `${url} (${codec ?? 'unknown codec'}${size}${rate}, sound ${audio ?? 'none'})`;
  return `live: ${comes} → ${output.width}×${output.height} at ${output.fps} fps, ${output.bitrateKbps} kbit/s, ${output.encoder}`;
}
