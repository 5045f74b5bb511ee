import * as z from 'zod';
import { ROLES } from '../domain/role.js';
import { secretFile } from './secret-file-schema.js';
import { idSchema } from './target-schema.js';

/** Tokens of a gateway, at most: each is compared with what a request shows. */
const MAX_TOKENS = 100;
/** Streams that a token may be for, at most. */
const MAX_STREAMS_OF_TOKEN = 256;

/** A token as it is sent; its text is never told in messages. */
const tokenText = (): z.ZodString =>
  z.string().check((context) => {
    if (/^[\x21-\x7e]{12,256}$/.test(context.value)) return;
    const message = 'expected 12 to 256 letters, digits or signs of ASCII without spaces';
    context.issues.push({ code: 'custom', message, input: context.value, params: { isValueHidden: true } });
  });

/** Somebody who may use the gateway. */
const tokenSchema = z
  .strictObject({
    name: idSchema.describe('name of who has it, for the log; admin is the one of access.token'),
    role: z
      .enum(ROLES)
      .describe(
        'view watches; operate also arranges tiles, names people, records, retries, publishes with WHIP and makes links for guests; admin does everything',
      ),
    streams: z
      .array(idSchema)
      .min(1)
      .max(MAX_STREAMS_OF_TOKEN)
      .optional()
      .describe('the only streams that it is for, with view and operate; absent for all of them'),
    token: tokenText()
      .optional()
      .describe('the token, at least 12 characters; hash and tokenFile keep it out of this file'),
    tokenFile: secretFile('token'),
    hash: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/i, 'use sha256: and 64 hexadecimal digits, as diptych token make prints them')
      .optional()
      .describe('instead of token: its SHA-256, which cannot be turned back into a token that was made by chance'),
  })
  .superRefine(({ token, hash, role, streams }, context) => {
    const refuse = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if ((token === undefined) === (hash === undefined)) {
      refuse(
        token === undefined ? 'hash' : 'token',
        `expected token or hash, got ${token === undefined ? 'neither; add one' : 'both; leave one out'}`,
      );
    }
    if (role === 'admin' && streams !== undefined) {
      refuse('streams', 'role admin is for all streams; leave streams out, or give the role operate');
    }
  });

/** Options of the block `access` about who may use the gateway. */
export const tokenOptions = {
  required: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe(
      'whether a token is needed; auto: where the gateway listens on more than loopback, behind a proxy of http.trustProxy, and wherever a token is configured; never lets everybody who reaches it do everything',
    ),
  token: tokenText()
    .optional()
    .describe('a token with role admin, at least 12 characters; DIPTYCH_TOKEN sets it as well'),
  tokenFile: secretFile('token'),
  tokens: z
    .array(tokenSchema)
    .max(MAX_TOKENS)
    .default([])
    .superRefine((tokens, context) => {
      tokens.forEach(({ name }, index) => {
        if (tokens.findIndex((other) => other.name === name) === index && name !== 'admin') return;
        const message =
          name === 'admin'
            ? 'admin is the name of access.token; choose another'
            : `expected a unique name, got "${name}" a second time; choose another`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      });
    })
    .describe('tokens, besides those of diptych token add'),
  rememberH: z
    .number()
    .min(0.02)
    .max(8760)
    .default(720)
    .describe('how long a browser stays signed in without being used, h; higher asks for tokens less often'),
};
