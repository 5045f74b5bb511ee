import { z } from 'zod';
import { streamSchema } from '../../shared/config/schema.js';
import type { Route } from './route.js';
import { errorSchema } from './schemas.js';

const FAILURES: Readonly<Record<number, string>> = {
  400: 'The request is not of the expected form',
  404: 'It does not exist',
  409: 'The name is in use, or the thing is',
  416: 'The file has no bytes in that range',
  422: 'The source cannot be opened; the code is that of a stream with this source, DIPTYCH_E_SOURCE_…',
  429: 'As many are served as are at once; try again after Retry-After seconds',
  500: 'The gateway failed',
  503: 'Not ready yet; try again a moment later',
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
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const definition of routes) {
    const path = definition.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[definition.method.toLowerCase()] = operation(definition);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Diptych',
      version,
      description: 'Streams of a Diptych gateway. Signalling for browsers is a WebSocket at /ws.',
    },
    paths: { ...paths, ...otherPaths },
    components: { schemas: { Error: jsonSchema(errorSchema, 'output') } },
  };
}

function operation({
  path,
  summary,
  body,
  query,
  isMergePatch,
  answer,
  failures = [],
}: Route): Record<string, unknown> {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const parameters = [...inPath, ...(query ? queryParameters(query) : [])];
  const expected = new Set([
    ...(body ? [400] : []),
    ...(inPath.length > 0 ? [404] : []),
    ...(query ? [400] : []),
    ...failures,
  ]);
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema:
              isMergePatch === true ? withoutRequired(jsonSchema(streamSchema, 'input')) : jsonSchema(body, 'input'),
          },
        },
      },
    }),
    responses: {
      [answer.status]: { description: answer.description, ...contentOf(answer) },
      ...Object.fromEntries(
        [...expected].map((status) => [
          status,
          {
            description: FAILURES[status] ?? 'The request failed',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        ]),
      ),
    },
  };
}

/** Each may be left out. */
function queryParameters(query: z.ZodType): object[] {
  const { properties = {} } = jsonSchema(query, 'input') as { properties?: Readonly<Record<string, object>> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function contentOf({ schema, contentType, otherType }: Route['answer']): Record<string, unknown> {
  if (schema) {
    const other = otherType && {
      [otherType.contentType]: { schema: { type: 'string', description: otherType.description } },
    };
    return { content: { 'application/json': { schema: jsonSchema(schema, 'output') }, ...other } };
  }
  if (contentType !== undefined) return { content: { [contentType]: {} } };
  return {};
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

/** In a merge patch every key may be left out. */
function withoutRequired(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutRequired);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !(key === 'required' && Array.isArray(value)))
      .map(([key, value]) => [key, withoutRequired(value)]),
  );
}
