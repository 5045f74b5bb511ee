import { expect, it } from 'vitest';
import { BASE_PATH, belowPrefix, pathPrefixOf } from '#src/shared/config/base-path.js';

it.each([
  ['/', true],
  ['/two-shot', true],
  ['/two-shot/', true],
  ['/church/two.shot~1', true],
  ['/streams', true],
  ['/serve/api', true],
  ['', false],
  ['two-shot', false],
  ['//two-shot', false],
  ['/two//shot', false],
  ['/two shot', false],
  ['/two-shot?x', false],
  ['/..', false],
  ['/a/../b', false],
  ['/"><script>', false],
  ['/s', false],
  ['/api/v1', false],
  ['/ws/', false],
  ['/openapi.json', false],
])('%s as a base path: %s', (text, isOne) => {
  expect(BASE_PATH.test(text)).toBe(isOne);
});

it.each([
  ['/', ''],
  ['/two-shot', '/two-shot'],
  ['/church/two-shot/', '/church/two-shot'],
])('%s is put before paths as "%s"', (basePath, prefix) => {
  expect(pathPrefixOf(basePath)).toBe(prefix);
});

it.each([
  ['/two-shot/s/hall?view=clean', '/s/hall?view=clean'],
  ['/two-shot/', '/'],
  ['/two-shot', '/'],
  ['/two-shot?x=1', '/?x=1'],
  ['/two-shots/', '/two-shots/'],
  ['/s/hall', '/s/hall'],
  ['/two-shot/two-shot/', '/two-shot/'],
  ['*', '*'],
])('%s is %s below /two-shot', (target, path) => {
  expect(belowPrefix(target, '/two-shot')).toBe(path);
});

it('changes nothing without a base path', () => {
  expect(belowPrefix('/s/hall', '')).toBe('/s/hall');
});
