import { readFileSync } from 'node:fs';
import type { DescMessage } from '@bufbuild/protobuf';
import { expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';
import { file_onnx } from '#src/stream/onnx/schema/onnx_pb.js';

const source = readFileSync(packagePath('src/stream/onnx/schema/onnx.proto'), 'utf8');

/** `message.field = number` of every field, in order. */
function fieldsOfSource(): string[] {
  const messages: string[] = [];
  const found: string[] = [];
  for (const line of source.split('\n')) {
    const opened = /^\s*(message|enum|oneof) (\w+) \{$/.exec(line);
    if (opened) messages.push(opened[1] === 'message' ? opened[2]! : '');
    else if (/^\s*\}$/.test(line)) messages.pop();
    const field = /^\s*(?:repeated )?[\w.]+ (\w+) = (\d+)(?: \[.*\])?;$/.exec(line);
    if (field) found.push(`${messages.filter((name) => name !== '').join('.')}.${field[1]} = ${field[2]}`);
  }
  return found.sort();
}

function fieldsOfGenerated(messages: readonly DescMessage[]): string[] {
  return messages.flatMap(({ typeName, fields, nestedMessages }) => [
    ...fields.map(({ name, number }) => `${typeName.replace(/^onnx\./, '')}.${name} = ${number}`),
    ...fieldsOfGenerated(nestedMessages),
  ]);
}

it('generated code has the fields of the schema', () => {
  expect(fieldsOfSource().length).toBeGreaterThan(40);
  expect(fieldsOfGenerated(file_onnx.messages).sort()).toEqual(fieldsOfSource());
});
