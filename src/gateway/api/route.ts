import type { z } from 'zod';
import { formatCount } from '../../shared/config/config-error.js';
import { explainIssues, formatPath } from '../../shared/config/explain-issue.js';
import { toSchemaNode } from '../../shared/config/json-schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Role } from '../../shared/domain/role.js';
import type { Caller } from '../access/caller.js';
import type { FollowedEvents } from './event-stream.adapter.js';

/** The HTTP methods that the API uses. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What a route answers with: JSON by `schema`, another type of content, or nothing. */
export interface RouteAnswer {
  /** HTTP status of success. */
  readonly status: number;
  /** For the OpenAPI document. */
  readonly description: string;
  /** Of the JSON body; absent where there is none, or where it is of another type. */
  readonly schema?: z.ZodType;
  /** Content type of the body. @defaultValue 'application/json' where there is a schema */
  readonly contentType?: string;
  /** Another type that is answered to those who ask for it by `Accept`. */
  readonly otherType?: { readonly contentType: string; readonly description: string };
}

/** A request after its parts were checked. */
export interface RouteRequest<Body, Query = unknown> {
  /** Who asks, and from where. */
  readonly caller: Caller;
  /** Parameters of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** As the schema of the route gives it, defaults filled in. */
  readonly query: Query;
  /** As Node gives them: names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As the schema of the route gives it, defaults filled in. */
  readonly body: Body;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What a route answers. */
export interface RouteReply {
  /** HTTP status. @defaultValue that of the route's answer */
  readonly status?: number;
  /** JSON, text or bytes; absent for an empty answer. */
  readonly body?: unknown;
  /** A file in place of `body`; `Range` and the like are answered as HTTP says. */
  readonly file?: {
    readonly folder: string;
    /** Checked: it is a file of that folder. */
    readonly name: string;
    /** Under which name browsers save it. */
    readonly saveAs: string;
  };
  /** Events in place of `body`, as they come, as `text/event-stream`. */
  readonly events?: FollowedEvents;
  /** Headers besides those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What a browser is to keep to be known again, and for how long, s; `0` takes it away. */
  readonly session?: { readonly cookie: string; readonly validS: number };
}

/** One path and method: what it takes, what it answers, and the work. The OpenAPI page is made of these. */
export interface Route<Body = unknown, Query = unknown> {
  /** Method and path together are unique. */
  readonly method: Method;
  /** Parameters as in fastify: `/api/v1/streams/:id`. */
  readonly path: string;
  /** Unique, for generated clients: a verb and what it is about. */
  readonly id: string;
  /** What a caller has to have; `none`: everybody may. */
  readonly role: Role | 'none';
  /** It belongs to no stream, and shows to each caller only the streams that they may see. @defaultValue false */
  readonly isFiltered?: boolean;
  /** The group that it is shown in; one of those of the OpenAPI document. */
  readonly tag: 'streams' | 'tiles' | 'targets' | 'recordings' | 'sources' | 'access' | 'service';
  /** One sentence for the OpenAPI document: up to the first mark of punctuation it is the title. */
  readonly summary: string;
  /** Schema of the request's JSON body; absent where none is taken. */
  readonly body?: z.ZodType<Body>;
  /** Schema of the query; absent where it is not read. */
  readonly query?: z.ZodType<Query>;
  /** The body changes a thing (JSON merge patch, RFC 7396) and so may leave out any key. */
  readonly isMergePatch?: boolean;
  /** The body is as a person writes a configuration: the handler checks it, once references are followed. */
  readonly isBodyWritten?: boolean;
  /** What is answered on success. */
  readonly answer: RouteAnswer;
  /** Statuses of failures besides 400, 404 of unknown things in the path, 413 and 415 of a body, and 500. */
  readonly failures?: readonly number[];
  /** Does the work. @throws {@link DiptychError} whose code decides the HTTP status of the answer. */
  handle(request: RouteRequest<Body, Query>): Promise<RouteReply> | RouteReply;
}

/** Infers the type of the body from its schema. */
export const route = <Body, Query>(definition: Route<Body, Query>): Route => definition;

/**
 * The body of a request, checked, with defaults filled in. @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT`
 * with the mistakes and where they are.
 */
export function parseBody<Body>(schema: z.ZodType<Body>, body: unknown, name = 'body'): Body {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const { issues, more } = explainIssues(result.error, body ?? {}, toSchemaNode(schema));
  const text = issues.map(({ path, message }) => `${formatPath(path) || name}: ${message}`).join('; ');
  const rest = more === 0 ? '' : `; and ${formatCount(more)} more`;
  throw new DiptychError('DIPTYCH_E_BAD_INPUT', text + rest, { cause: result.error });
}
