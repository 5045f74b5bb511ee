import { z } from 'zod';
import { secretFile } from './secret-file-schema.js';
import { plainText, urlText } from './url-characters.js';

/** Names of streams and targets, as they stand in paths and metrics. */
export const idSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/i, 'use letters, digits and dashes, at most 63');

/** A server that the stream is published to. */
export const targetSchema = z
  .strictObject({
    id: idSchema.optional().describe('name of the target; target-1, target-2 and so on when absent'),
    url: urlText()
      .max(4096)
      .regex(/^rtmps?:\/\/[^/\s]+\/\S+/i, 'use rtmp://host/app/key or rtmps://host/app/key')
      .describe('where to publish: with the stream key behind the application, or without it where key is given'),
    key: plainText()
      .min(1)
      .max(4096)
      .optional()
      .describe('stream key, sent exactly as it is; never logged or shown. Without it, the key is the end of url'),
    keyFile: secretFile('key'),
  })
  .refine(({ url, key }) => key !== undefined || hasStreamKey(url), {
    path: ['url'],
    message: 'has no stream key: use rtmp://host/app/key, or give the key apart in key',
  });

/** Behind host and application comes more: the key in the path, or in a query. */
const hasStreamKey = (url: string): boolean =>
  /^\w+:\/\/[^/]+\/+[^/]+\/+[^/]|^\w+:\/\/[^/]+\/+[^/?]+\?[^]*\/[^/]/.test(url);
