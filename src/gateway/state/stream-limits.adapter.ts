import { MAX_STREAMS, type StreamConfig } from '../../shared/config/schema.js';
import { explainSourceFile } from '../../shared/config/source-file.adapter.js';
import { DiptychError } from '../../shared/domain/errors.js';

/** Throws {@link DiptychError} `DIPTYCH_E_CONFLICT` where there are as many streams as there may be. */
export function rejectMany(count: number): void {
  if (count < MAX_STREAMS) return;
  const message = `there are ${count} streams already, and ${MAX_STREAMS} at most; delete one first`;
  throw new DiptychError('DIPTYCH_E_CONFLICT', message);
}

/** Throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where the source is a file that cannot be played. */
export function rejectMissingFile({ source }: StreamConfig): void {
  const problem = explainSourceFile(source.url);
  if (problem !== undefined) throw new DiptychError('DIPTYCH_E_BAD_INPUT', `source.url: ${problem}`);
}
