import * as z from 'zod';
import { secretFile } from './secret-file-schema.js';
import { plainText } from './url-characters.js';

/** Members of etcd, at most. */
const MAX_ENDPOINTS = 9;

const webUrl = (): z.ZodString =>
  z
    .string()
    .max(255)
    .regex(/^https?:\/\/[^/\s?#@]+\/?$/i, 'use a URL such as http://10.0.0.11:2379, without path and user');

const file = (what: string): z.ZodOptional<z.ZodString> => plainText().min(1).max(4096).optional().describe(what);

/** Several hosts that share streams, on etcd. */
export const clusterSchema = z
  .strictObject({
    etcd: z.strictObject({
      endpoints: z
        .array(webUrl())
        .min(1)
        .max(MAX_ENDPOINTS)
        .describe('members of etcd; the next one is asked where one does not answer, so name all of them'),
      user: plainText().min(1).max(255).optional().describe('user of etcd; absent where it needs none'),
      password: plainText().min(1).max(1024).optional().describe('password of that user'),
      passwordFile: secretFile('password'),
      tls: z
        .strictObject({
          caFile: file('file with the certificate of who signed those of etcd, PEM; absent: those that Node trusts'),
          certFile: file('file with the certificate that this host shows to etcd, PEM'),
          keyFile: file('file with its key, PEM, without passphrase'),
        })
        .prefault({})
        .describe('certificates for endpoints with https'),
      prefix: plainText()
        .min(1)
        .max(200)
        .regex(/^\/[\w./-]*\/$/, 'use a path such as /diptych/')
        .default('/diptych/')
        .describe('what all keys begin with; another one for each cluster that shares an etcd'),
    }),
    host: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{0,252}$/i, 'use letters, digits, dashes and dots, at most 253')
      .describe('name of this host, unique within the cluster'),
    url: z
      .string()
      .max(255)
      .regex(/^https?:\/\/[^\s?#@]+$/i, 'use a URL such as http://10.0.0.21:8080')
      .describe('where viewers and programs reach the page and API of this host: other hosts send them here'),
    key: z
      .string()
      .min(32)
      .max(1024)
      .optional()
      .describe(
        'secret of the cluster, the same on every host, at least 32 characters: what etcd keeps of streams is encrypted with it',
      ),
    keyFile: secretFile('key'),
    units: z
      .union([z.literal('auto'), z.number().min(0.1).max(256)])
      .default('auto')
      .describe(
        'what this host takes, in streams of 1920×1080 at 30 pictures a second; higher carries more where others fail, lower keeps it from overload; auto is what diptych bench capacity found, or where that was not run one a core (two with an NVIDIA GPU)',
      ),
    viewersPerHost: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        'viewers that this host sends pictures to, of all streams; further ones are sent theirs by another host, which pulls the stream once, over UDP ports from webrtc.minPort to maxPort; higher keeps viewers at fewer hosts, lower spreads their upload; absent: this host sends its streams to all viewers itself, and none of other hosts',
      ),
    ttlS: z
      .int()
      .min(2)
      .max(60)
      .default(2)
      .describe(
        'how long a host may be silent before others take its streams, s; higher rides out longer pauses of etcd, lower has pictures back sooner',
      ),
    drainOnTerm: z
      .boolean()
      .default(false)
      .describe(
        'what a gateway does that is stopped (SIGTERM): true gives its streams to other hosts first, which takes some seconds a stream and at most 60, and viewers do not notice; false ends them at once, and they are back elsewhere after a moment',
      ),
    whenAlone: z
      .enum(['stop', 'continue'])
      .default('stop')
      .describe(
        'what targets and recordings do while this host does not reach etcd: stop ends them before another host may begin; continue goes on, and two hosts may publish at once where only this one is cut off',
      ),
  })
  .superRefine(({ key }, context) => {
    if (key !== undefined) return;
    context.addIssue({ code: 'custom', path: ['key'], message: 'expected key or keyFile, got neither; add one' });
  });

/** {@link clusterSchema} with its defaults filled in. */
export type ClusterConfig = z.output<typeof clusterSchema>;
