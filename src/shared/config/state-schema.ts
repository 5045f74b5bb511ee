import * as z from 'zod';
import { plainText } from './url-characters.js';

/** Where the gateway keeps what is changed while it runs. */
export const stateSchema = z.strictObject({
  folder: plainText()
    .max(4096)
    .default('state')
    .describe(
      'folder of streams.yaml, which keeps what API and page change over a restart; as seen from the folder of this file; an empty text keeps nothing',
    ),
});
