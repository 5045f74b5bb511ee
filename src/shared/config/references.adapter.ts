import { readFileSync, statSync } from 'node:fs';
import type { ReferenceSources } from './references.js';

/** Longer than any secret, bytes; a path that was mistaken may be of a large file. */
const MAX_SECRET_BYTES = 16_384;

/** References to these environment variables, and to the files of this machine. */
export const machineReferences = (environment: ReferenceSources['environment']): ReferenceSources => ({
  environment,
  readText: (file) => {
    const { size } = statSync(file);
    if (size > MAX_SECRET_BYTES) throw new Error(`it has ${size} bytes, which is no secret`);
    return readFileSync(file, 'utf8');
  },
});
