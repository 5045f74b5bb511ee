import fc from 'fast-check';
import type { SchemaNode } from '#src/shared/config/json-schema.js';
import { anyNumber, anyText, anyValue } from './junk.js';

/**
 * Values of the shape that a schema asks for, wrong here and there: a key left out, a key too
 * many, a value of another type or out of its range. So most of them get past the first check.
 */
export function nearlyRight(node: SchemaNode): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: ofType(node) }, { weight: 1, arbitrary: anyValue });
}

function ofType(node: SchemaNode): fc.Arbitrary<unknown> {
  if (node.enum !== undefined) return fc.constantFrom<unknown>(...node.enum);
  if (node.anyOf !== undefined) return fc.oneof(...node.anyOf.map(ofType));
  if (node.const !== undefined) return fc.constant(node.const);
  switch (node.type) {
    case 'integer':
    case 'number':
      return numberOf(node);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(nearlyRight(node.items ?? {}), { maxLength: 2 });
    case 'object':
      return blockOf(node);
    default:
      return fc.oneof(fc.constantFrom('a', 'main', 'auto', 'test:', 'rtmp://h/app/key', '#ff00ff'), anyText);
  }
}

function numberOf({ type, minimum = 0, maximum = 1e6 }: SchemaNode): fc.Arbitrary<number> {
  const [min, max] = [Math.max(minimum, -1e9), Math.min(maximum, 1e9)];
  const inRange = type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  return fc.oneof({ weight: 4, arbitrary: inRange }, { weight: 1, arbitrary: anyNumber });
}

function blockOf({ properties = {}, required = [] }: SchemaNode): fc.Arbitrary<unknown> {
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([key, node]) => [key, nearlyRight(node)])),
    { requiredKeys: [...required] },
  );
  const more = fc.dictionary(anyText, anyValue, { maxKeys: 2 });
  return fc.oneof(
    { weight: 6, arbitrary: known },
    { weight: 1, arbitrary: fc.tuple(known, more).map(([block, extra]) => ({ ...block, ...extra })) },
  );
}
