import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { ROLES } from '../../shared/domain/role.js';

/** A browser that has signed in with a token. */
const sessionSchema = z.object({
  kind: z.literal('session'),
  /** Of the token, so that the session ends with it. */
  tokenId: z.string(),
  /** Of this session, so that it can be ended. */
  sessionId: z.string(),
  expiresAtMs: z.number(),
});

/** A link that was given to a guest. */
const guestSchema = z.object({
  kind: z.literal('guest'),
  /** Of the token of who made the link, so that it ends with that token. */
  tokenId: z.string(),
  /** Of this link. */
  sessionId: z.string(),
  role: z.enum(ROLES),
  streams: z.array(z.string()),
  expiresAtMs: z.number(),
});

/** A browser that has signed in at one host of a cluster, for the others. */
const visitSchema = z.object({
  kind: z.literal('visit'),
  /** Of the token, so that it ends with it. */
  tokenId: z.string(),
  /** Of the session at the first host. */
  sessionId: z.string(),
  expiresAtMs: z.number(),
});

/** A host of a cluster that asks another one. */
const hostSchema = z.object({
  kind: z.literal('host'),
  /** Its name. */
  host: z.string(),
  expiresAtMs: z.number(),
});

const passSchema = z.discriminatedUnion('kind', [sessionSchema, guestSchema, visitSchema, hostSchema]);

/** What the gateway signs and gives away, to know it again when it is shown. */
export type Pass = z.output<typeof passSchema>;

const PREFIX = 'dpp_';
/** Longer than any that is made here. */
const MAX_LENGTH = 4096;

/** Whether a text has the form of a pass; tokens have another. */
export const isPass = (text: string): boolean => text.startsWith(PREFIX);

/** A pass as text that can stand in cookies and URLs. @param key - at least 32 random bytes */
export function signPass(pass: Pass, key: Buffer): string {
  const text = Buffer.from(JSON.stringify(pass)).toString('base64url');
  return `${PREFIX}${text}.${signatureOf(text, key).toString('base64url')}`;
}

/** The pass of a text; absent unless it was signed with the key. Whether it has expired is not looked at. */
export function readPass(text: string, key: Buffer): Pass | undefined {
  if (!isPass(text) || text.length > MAX_LENGTH) return undefined;
  const [body = '', signature = '', ...rest] = text.slice(PREFIX.length).split('.');
  const given = Buffer.from(signature, 'base64url');
  const right = signatureOf(body, key);
  if (rest.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return passSchema.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
}

const signatureOf = (text: string, key: Buffer): Buffer => createHmac('sha256', key).update(text).digest();
