import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gatewayJsonSchema, toSchemaNode, type SchemaNode, type SchemaPath } from '#src/shared/config/json-schema.js';
import { loadConfigFile } from '#src/cli/load-config.adapter.js';
import { gatewaySchema } from '#src/shared/config/schema.js';
import { packagePath } from '#src/shared/package-root.js';

const file = (name: string): string => packagePath(`config/${name}`);
const example = readFileSync(file('gateway.example.yaml'), 'utf8');

interface Option {
  readonly path: SchemaPath;
  readonly node: SchemaNode;
}

/** Every option that holds a value, as opposed to a block of options. */
function options(node: SchemaNode, path: SchemaPath = []): Option[] {
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([key, child]) => options(child, [...path, key]));
  }
  if (node.items?.properties) return options(node.items, [...path, 0]);
  return [{ path, node }];
}

const name = (path: SchemaPath): string => path.map(String).join('.');
const all = options(toSchemaNode(gatewaySchema)).map((option) => [name(option.path), option] as const);

/** The example with its commented options in force (`#user: …`; comments proper begin with `# `). */
const complete = parse(example.replace(/^( *)#(?=\S)/gm, '$1'), { uniqueKeys: false }) as unknown;

const valueAt = (value: unknown, path: SchemaPath): unknown =>
  path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step], value);

describe('config/gateway.example.yaml', () => {
  it.each(all)('shows %s', (_name, { path }) => {
    expect(valueAt(complete, path), 'write the option into the example').toBeDefined();
  });

  it.each(all.filter(([, { node }]) => node.default !== undefined))(
    'has the default of %s',
    (_name, { path, node }) => {
      expect(valueAt(complete, path)).toEqual(node.default);
    },
  );

  it.each(all)('describes %s in the words of the schema', (_name, { node }) => {
    expect(node.description, 'describe the option in src/shared/config').toBeDefined();
    expect(example).toContain(`# ${node.description ?? ''}\n`);
  });

  it('is right as it stands', async () => {
    const config = await loadConfigFile(file('gateway.example.yaml'));

    expect(config.streams).toHaveLength(1);
    expect(config.streams[0]?.targets).toEqual([]);
  });
});

it('config/gateway.dev.yaml is right', async () => {
  const config = await loadConfigFile(file('gateway.dev.yaml'));

  expect(config.streams).toHaveLength(1);
});

it('config/gateway.schema.json is what the schema says (vitest -u writes it)', async () => {
  await expect(`${JSON.stringify(gatewayJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(file('gateway.schema.json'));
});

it('a file that is not there is told with its name', async () => {
  await expect(loadConfigFile('/nowhere/g.yaml')).rejects.toMatchObject({
    code: 'DIPTYCH_E_CONFIG',
    message: expect.stringMatching(/^\/nowhere\/g\.yaml cannot be read/) as string,
  });
});
