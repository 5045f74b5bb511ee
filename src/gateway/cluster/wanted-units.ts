import { estimatedUnits } from '../../shared/capacity/estimated-units.js';
import { outputSchema } from '../../shared/config/schema.js';
import { isBlock } from '../../shared/is-block.js';

/** What a stream is estimated to take, in units, as somebody wrote it; 1 where its output cannot be read. */
export function wantedUnits(written: unknown): number {
  const output = outputSchema.safeParse((isBlock(written) ? written['output'] : undefined) ?? {});
  return output.success ? estimatedUnits({ output: output.data }) : 1;
}
