import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { streamViewSchema } from '#src/gateway/api/schemas.js';
import { answerSchemas, protocolErrorSchema, pushSchema } from '#src/gateway/signaling/server-messages.js';
import { packagePath } from '#src/shared/package-root.js';
import { PROTOCOL_VERSION, requestSchema } from '#src/shared/signaling/protocol.js';
import { fieldRows, table, type SchemaNode } from '../../../integration/gateway/fixture/schema-table.js';

const HEAD = ['field', 'type', '', 'what'];

/** A stream is told in docs/api.md. */
const nodeOf = (schema: z.ZodType, io: 'input' | 'output'): SchemaNode =>
  z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema }) => {
      if ((zodSchema as unknown) !== streamViewSchema) return;
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      Object.assign(jsonSchema, { type: 'object', description: 'the stream, as `Stream` of [api.md](api.md#stream)' });
    },
  }) as SchemaNode;

function requestSection(option: (typeof requestSchema.options)[number]): string[] {
  const type = option.shape.type.value;
  const { properties = {}, ...node } = nodeOf(option, 'input');
  const { type: _type, id: _id, ...fields } = properties;
  const answers = fieldRows(nodeOf(answerSchemas[type], 'output'));
  return [
    `### ${type}`,
    '',
    `${option.description ?? ''}.`.replace(/^./, (first) => first.toUpperCase()),
    '',
    ...spaced(table(HEAD, fieldRows({ ...node, properties: fields }))),
    ...(answers.length === 0 ? ['The answer has no data.', ''] : ['The answer:', '', ...spaced(table(HEAD, answers))]),
  ];
}

function pushSection(option: (typeof pushSchema.options)[number]): string[] {
  const { properties = {}, ...node } = nodeOf(option, 'output');
  const { type: _type, ...fields } = properties;
  return [
    `### ${option.shape.type.value} (push)`,
    '',
    `${option.description ?? ''}.`.replace(/^./, (first) => first.toUpperCase()),
    '',
    ...spaced(table(HEAD, fieldRows({ ...node, properties: fields }))),
  ];
}

const spaced = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : [...lines, '']);

it('docs/websocket.md has every message with its fields (vitest -u writes them)', async () => {
  const docs = packagePath('docs/websocket.md');
  const begin = '<!-- messages -->';
  const text = await readFile(docs, 'utf8');

  const made = [
    begin,
    '',
    '## Requests',
    '',
    ...requestSchema.options.flatMap(requestSection),
    '## Errors',
    '',
    ...spaced(table(HEAD, fieldRows(nodeOf(protocolErrorSchema, 'output')))),
    '## Pushes',
    '',
    ...pushSchema.options.flatMap(pushSection),
  ].join('\n');

  await expect(`${text.slice(0, text.indexOf(begin))}${made}`).toMatchFileSnapshot(docs);
});

it('docs/websocket.md tells the version that is spoken', async () => {
  const text = await readFile(packagePath('docs/websocket.md'), 'utf8');

  expect(text).toContain(`version ${PROTOCOL_VERSION}`);
  expect(text).toContain(`"version": ${PROTOCOL_VERSION}`);
});
