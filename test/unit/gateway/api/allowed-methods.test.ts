import { expect, it } from 'vitest';
import { AllowedMethods } from '#src/gateway/api/allowed-methods.js';

const allowed = new AllowedMethods();
for (const [method, path] of [
  ['GET', '/'],
  ['GET', '/a/:id'],
  ['PATCH', '/a/:id'],
  ['GET', '/a/:id/b.jpg'],
  ['POST', '/a'],
  ['GET', '/files/*'],
] as const) {
  allowed.add(method, path);
}

it.each([
  ['/', ['GET', 'OPTIONS']],
  ['/a/1', ['GET', 'OPTIONS', 'PATCH']],
  ['/a/1/b.jpg', ['GET', 'OPTIONS']],
  ['/a/1/bxjpg', []],
  ['/a', ['OPTIONS', 'POST']],
  ['/a/', []],
  ['/files/x/y.js', ['GET', 'OPTIONS']],
  ['/nothing', []],
  ['', []],
])('%s takes %j', (path, methods) => {
  expect(allowed.of(path)).toEqual(methods);
});
