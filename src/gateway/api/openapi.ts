import type { z } from 'zod';
import { MERGE_PATCH } from './body-types.js';
import { PROBLEM_TYPE } from './http-errors.js';
import { OpenApiSchemas } from './openapi-schemas.js';
import type { Route, RouteAnswer } from './route.js';
import { problemSchema } from './schemas.js';

type Node = Readonly<Record<string, unknown>>;

/** A status of HTTP that is a failure, and what it says here. */
const FAILURES: Readonly<Record<number, string>> = {
  400: 'The request is not of the expected form',
  401: 'Who asks did not show who they are, or showed a token that is not known',
  403: 'Who asks has a role that may not do this; a page of another site made the browser ask; the gateway is called by a name that is not its own; or the configuration does not allow the address or file',
  404: 'It does not exist',
  409: 'The name is in use, or the thing is',
  413: 'The body is larger than limits.bodyKb allows',
  415: 'The body is of another type than those that are taken',
  416: 'The file has no bytes in that range',
  422: 'The source cannot be opened; the code is that of a stream with this source, DIPTYCH_E_SOURCE_…',
  429: 'As many are served as are at once, or too many wrong tokens came from that address; Retry-After says when to try again',
  500: 'The gateway failed; the reason is in its log',
  503: 'Not ready yet, or too little memory; try again later',
  507: 'The change cannot be kept: the disk is full or read-only',
};

const TAGS: Readonly<Record<string, string>> = {
  streams: 'Streams: added, changed, restarted, ended; their configuration and what happened to them',
  tiles: 'Who is shown in which tile, and the picture of it',
  targets: 'RTMP and SRT servers that a stream is published to',
  recordings: 'What was recorded of a stream',
  sources: 'Sources before they are kept',
  access: 'Who somebody is, signing in and out, links for guests',
  webrtc: 'WHIP and WHEP: streams from and to browsers, players and encoders',
  service: 'Health, metrics, and what there is to know of the API itself',
};

/**
 * An OpenAPI 3.1 document of these routes, made from the schemas that check the requests.
 *
 * @param otherPaths - what is served beside them, as the document has it by path
 */
export function openApiDocument(
  routes: readonly Route[],
  version: string,
  otherPaths: Readonly<Record<string, object>> = {},
): Node {
  const schemas = new OpenApiSchemas();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const definition of routes) {
    const path = definition.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[definition.method.toLowerCase()] = operation(definition, schemas);
  }
  schemas.use(problemSchema, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Diptych',
      version,
      summary: 'Streams of a Diptych gateway',
      description:
        'Every answer that is not a success is problem details (RFC 9457). Every path answers OPTIONS, and 405 with Allow; HEAD is GET without a body. Signalling for browsers is a WebSocket at /ws. x-required-role says which role an operation needs: view, operate (includes view), admin (includes both), or none.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.', description: 'The gateway that serves this document' }],
    security: REQUIRED,
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: { ...paths, ...otherPaths },
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: schemas.components,
      responses: Object.fromEntries(
        Object.entries(FAILURES).map(([status, description]) => [
          `Problem${status}`,
          { description, content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } } },
        ]),
      ),
    },
  };
}

function operation(definition: Route, schemas: OpenApiSchemas): Node {
  const { id, role, tag, path, summary, body, query, answer, failures = [] } = definition;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true, description: PARAMETERS[name] ?? name },
    schema: { type: 'string' },
  }));
  const parameters = [...inPath, ...(query ? queryParameters(query, schemas) : [])];
  const refusals = role === 'none' ? [403, 429] : [401, 403, 429];
  const statuses = [
    400,
    ...refusals,
    500,
    ...(inPath.length > 0 ? [404] : []),
    ...(body ? [413, 415] : []),
    ...failures,
  ];
  const [title, rest] = titleOf(summary);
  return {
    operationId: id,
    tags: [tag],
    summary: title,
    'x-required-role': role,
    ...(role === 'none' && { security: [] }),
    ...(rest !== '' && { description: summary }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: bodyContent(definition, schemas) } }),
    responses: {
      [answer.status]: { description: answer.description, ...contentOf(answer, schemas) },
      ...Object.fromEntries(
        [...new Set(statuses)].sort().map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
      ),
    },
  };
}

const PARAMETERS: Readonly<Record<string, string>> = {
  id: 'name of the stream',
  targetId: 'name of the target',
  name: 'of the segment, as the list of recordings has it',
  code: 'as in a problem, DIPTYCH_E_…',
};

/** How callers show who they are; nobody is asked where the gateway listens on loopback and has no tokens. */
const SECURITY_SCHEMES = {
  token: { type: 'http', scheme: 'bearer', description: 'A token, or that of a link for guests' },
  session: {
    ...{ type: 'apiKey', in: 'cookie', name: 'diptych-8080' },
    description: 'What POST /api/v1/session gives a browser; its name ends with the port of the gateway',
  },
  tokenInUrl: {
    ...{ type: 'apiKey', in: 'query', name: 'token' },
    description: 'For players that can send no header: WHEP and WHIP only',
  },
} as const;

const REQUIRED = [{ token: [] }, { session: [] }];

/** What stands before the first mark of punctuation is the title. */
function titleOf(summary: string): readonly [title: string, rest: string] {
  const [title = summary] = summary.split(/[;:]| \(|\. /, 1);
  return [title, summary.slice(title.length)];
}

function bodyContent({ body, isMergePatch }: Route, schemas: OpenApiSchemas): Node {
  if (isMergePatch === true) {
    const patch = { schema: schemas.usePatch() };
    return { [MERGE_PATCH]: patch, 'application/json': patch };
  }
  return body ? { 'application/json': { schema: schemas.use(body, 'input') } } : {};
}

/** Each may be left out. */
function queryParameters(query: z.ZodType, schemas: OpenApiSchemas): object[] {
  const { properties = {} } = schemas.use(query, 'input') as { properties?: Readonly<Record<string, Node>> };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: 'query', required: false, description, schema },
  }));
}

function contentOf({ schema, contentType, otherType }: RouteAnswer, schemas: OpenApiSchemas): Node {
  if (schema) {
    const other = otherType && {
      [otherType.contentType]: { schema: { type: 'string', description: otherType.description } },
    };
    return { content: { 'application/json': { schema: schemas.use(schema, 'output') }, ...other } };
  }
  if (contentType === undefined) return {};
  const isText = contentType.startsWith('text/');
  const isJson = contentType === 'application/json';
  return { content: { [contentType]: { schema: isJson ? { type: 'object' } : isText ? { type: 'string' } : {} } } };
}
