import type { PlannedStream } from './state-layer.js';

/** A line for the log. */
export interface OriginLine {
  /** The stream that it is about; absent for one about several. */
  readonly stream?: string;
  /** Which file was taken for what. */
  readonly text: string;
}

/**
 * Which file was taken for what at the start: a line for each stream that the API changed or added, and one for all
 * others.
 *
 * @param configuration - name of the configuration
 * @param state - path of the file that keeps what the API changes
 */
export function originLines(plan: readonly PlannedStream[], configuration: string, state: string): OriginLine[] {
  const asWritten = plan.filter(({ base, changed }) => base !== undefined && changed.length === 0).map(idOf);
  const others = plan.flatMap((planned): OriginLine[] => {
    const { base, changed } = planned;
    const stream = idOf(planned);
    if (base === undefined) return [{ stream, text: `the stream is as ${state} says: the API added it` }];
    if (changed.length === 0) return [];
    const text = `${changed.join(', ')} as ${state} says, changed by the API; everything else as ${configuration} says`;
    return [{ stream, text }];
  });
  return asWritten.length === 0 ? others : [{ text: `as ${configuration} says: ${asWritten.join(', ')}` }, ...others];
}

const idOf = ({ complete }: PlannedStream): string => complete.config.id;
