import type { z } from 'zod';
import { urlText } from './url-characters.js';

/**
 * An option that names a file with a secret, and so stands in the place of the secret.
 *
 * @param secret - the option that the text of the file is for
 */
export const secretFile = (secret: string): z.ZodOptional<z.ZodString> =>
  urlText()
    .min(1)
    .max(4096)
    .optional()
    .describe(`instead of ${secret}: a file whose text is the ${secret}; read at the start and with each reload`);
