import * as z from 'zod';
import { explainPassphrase, explainSrtUrl, isSrtUrl } from '../srt/location.js';
import { secretFile } from './secret-file-schema.js';
import { plainText, urlText } from './url-characters.js';

/** Names of streams and targets, as they stand in paths and metrics. */
export const idSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/i, 'use letters, digits and dashes, at most 63');

const ADDRESS = /^(?:rtmps?:\/\/[^/\s]+\/|srt:\/\/)\S+/i;

/** A server or receiver that the stream is published to. */
export const targetSchema = z
  .strictObject({
    id: idSchema.optional().describe('name of the target; target-1, target-2 and so on when absent'),
    url: urlText()
      .max(4096)
      .regex(
        ADDRESS,
        'use rtmp://host/app/key, rtmps://host/app/key, srt://host:port (calls) or srt://:port (is called)',
      )
      .describe(
        'where to publish: rtmp:// or rtmps:// with the stream key behind the application, or without it where key is given; srt://host:port calls, srt://:port is called, with mode, passphrase, pbkeylen, streamid and latency (ms) as parameters',
      ),
    key: plainText()
      .min(1)
      .max(4096)
      .optional()
      .describe(
        'stream key, or the passphrase of SRT, sent exactly as it is; never logged or shown. Without it, the key is the end of url',
      ),
    keyFile: secretFile('key'),
  })
  .superRefine(({ url, key }, context) => {
    const problem = isSrtUrl(url) ? explainSrtTarget(url, key) : explainRtmpTarget(url, key);
    if (problem) context.addIssue({ code: 'custom', path: [problem.option], message: problem.message });
  });

interface Problem {
  readonly option: 'url' | 'key';
  readonly message: string;
}

function explainRtmpTarget(url: string, key: string | undefined): Problem | undefined {
  // What is no address at all has one mistake, not two.
  if (key !== undefined || hasStreamKey(url) || !ADDRESS.test(url)) return undefined;
  return { option: 'url', message: 'has no stream key: use rtmp://host/app/key, or give the key apart in key' };
}

function explainSrtTarget(url: string, key: string | undefined): Problem | undefined {
  const message = explainSrtUrl(url);
  if (message !== undefined) return { option: 'url', message };
  if (key === undefined) return undefined;
  if (/[?&]passphrase=/i.test(url)) {
    return { option: 'key', message: 'the passphrase stands in the URL as well; give it in one place' };
  }
  const problem = explainPassphrase(key);
  return problem === undefined ? undefined : { option: 'key', message: problem };
}

/** Behind host and application comes more: the key in the path, or in a query. */
const hasStreamKey = (url: string): boolean =>
  /^\w+:\/\/[^/]+\/+[^/]+\/+[^/]|^\w+:\/\/[^/]+\/+[^/?]+\?[^]*\/[^/]/.test(url);
