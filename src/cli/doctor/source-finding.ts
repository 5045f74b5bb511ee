import type { SourceInfo } from '../../stream/stages/ingest/source-session.js';
import type { Finding } from './finding.js';

/** What is said of a source that plays. */
export interface SourceFacts {
  /** Its address, secrets masked. */
  readonly name: string;
  /** What a stream would tell of it. */
  readonly info: SourceInfo;
}

/** What a source sends, how, and what of it would be played; what keeps sound or UDP from being as configured is `limited`. */
export function sourceFinding({ name, info }: SourceFacts): Finding {
  const { codec, width, height, fps, audio, audioReason, decoder, transport, transportReason, tracks = [] } = info;
  const rate = fps === undefined ? '' : ` at ${Math.round(fps * 10) / 10} fps`;
  const sound = `sound ${audio ?? 'unknown'}${audioReason === undefined ? '' : ` (${audioReason})`}`;
  const how = transportReason === undefined ? [] : [`by ${transportReason}`];
  const way = transport === undefined ? how : [`over ${transport.toUpperCase()} (${transportReason ?? ''})`];
  const offered = tracks.map(
    ({ index, kind, format, isTaken }) => `${index} ${kind} ${format}${isTaken ? ', taken' : ', not taken'}`,
  );
  const parts = [
    `${codec ?? 'unknown codec'} ${width ?? '?'}×${height ?? '?'}${rate}`,
    sound,
    ...way,
    `decoded by ${decoder ?? 'unknown'}`,
    ...(offered.length === 0 ? [] : [`offers ${offered.join('; ')}`]),
  ];
  const isSilent = audioReason !== undefined && tracks.some(({ kind }) => kind === 'audio');
  return { area: 'source', verdict: isSilent ? 'limited' : 'good', text: `${name} ${parts.join(', ')}` };
}
