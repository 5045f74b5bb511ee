import * as z from 'zod';
import { isNetwork } from '../networks/network.js';
import { tokenOptions } from './token-schema.js';
import { plainText } from './url-characters.js';

/** Entries of a list of networks or folders, at most. */
const MAX_ENTRIES = 256;

const networkText = (): z.ZodString =>
  z.string().max(64).refine(isNetwork, 'use an address or a network such as 192.168.1.20, 192.168.0.0/16 or fd00::/8');

/** Every address, of both families. */
const EVERY_NETWORK = ['0.0.0.0/0', '::/0'];

interface NetworkSchemas {
  readonly allow: z.ZodDefault<z.ZodArray<z.ZodString>>;
  readonly deny: z.ZodDefault<z.ZodArray<z.ZodString>>;
}

const networks = (who: string): NetworkSchemas => ({
  allow: z
    .array(networkText())
    .max(MAX_ENTRIES)
    .default(EVERY_NETWORK)
    .describe(`networks and addresses that ${who} may have; fewer keep the gateway from reaching other machines`),
  deny: z
    .array(networkText())
    .max(MAX_ENTRIES)
    .default([])
    .describe(
      `networks and addresses that ${who} may not have, whatever allow says; link-local addresses and those of cloud metadata services are never taken`,
    ),
});

/** What a source may be. */
const SOURCE_SCHEMES = ['rtsp', 'rtsps', 'http', 'https', 'srt', 'v4l2', 'whip', 'file', 'test'] as const;
/** What a target may be. */
const TARGET_SCHEMES = ['rtmp', 'rtmps', 'srt'] as const;

/** Who may use the gateway, and what it may reach on their behalf. */
export const accessSchema = z.strictObject({
  ...tokenOptions,
  sources: z
    .strictObject({
      schemes: z
        .array(z.enum(SOURCE_SCHEMES))
        .default([...SOURCE_SCHEMES])
        .describe('kinds of sources that are taken; file is a path as well, test a picture that is made here'),
      ...networks('a source'),
    })
    .prefault({}),
  targets: z
    .strictObject({
      schemes: z
        .array(z.enum(TARGET_SCHEMES))
        .default([...TARGET_SCHEMES])
        .describe('kinds of targets that are taken'),
      ...networks('a target'),
    })
    .prefault({}),
  files: z
    .array(plainText().min(1).max(4096).regex(/^\//, 'use a path from the root, such as /srv/videos'))
    .max(MAX_ENTRIES)
    .default([])
    .describe(
      'folders whose files API and page may name, as a source, a model or a certificate; none by default. This file and the command line may name any',
    ),
});

/** {@link accessSchema} with its defaults filled in. */
export type AccessConfig = z.output<typeof accessSchema>;
