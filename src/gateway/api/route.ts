import type { z } from 'zod';
import { explainIssues, formatPath } from '../../shared/config/explain-issue.js';
import { toSchemaNode } from '../../shared/config/json-schema.js';
import { DiptychError } from '../../shared/domain/errors.js';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a route answers with: JSON by `schema`, another type of content, or nothing. */
export interface RouteAnswer {
  readonly status: number;
  readonly description: string;
  readonly schema?: z.ZodType;
  /** @defaultValue 'application/json' where there is a schema */
  readonly contentType?: string;
}

/** A request after its parts were checked. */
export interface RouteRequest<Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
}

export interface RouteReply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One path and method: what it takes, what it answers, and the work. The OpenAPI page is made of these. */
export interface Route<Body = unknown> {
  readonly method: Method;
  /** Parameters as in fastify: `/api/v1/streams/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly body?: z.ZodType<Body>;
  /** The body changes a thing (JSON merge patch, RFC 7396) and so may leave out whatever it likes. */
  readonly isMergePatch?: boolean;
  readonly answer: RouteAnswer;
  /** Statuses of failures besides 400, 404 of unknown paths, and 500. */
  readonly failures?: readonly number[];
  handle(request: RouteRequest<Body>): Promise<RouteReply> | RouteReply;
}

/** Infers the type of the body from its schema. */
export const route = <Body>(definition: Route<Body>): Route => definition;

/** @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` with every mistake and where it is. */
export function parseBody<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const issues = explainIssues(result.error, body ?? {}, toSchemaNode(schema));
  const text = issues.map(({ path, message }) => `${formatPath(path) || 'body'}: ${message}`).join('; ');
  throw new DiptychError('DIPTYCH_E_BAD_INPUT', text, { cause: result.error });
}
