import { expect, it } from 'vitest';
import { HostOrigins } from '#src/gateway/cluster/host-origins.js';

const HOUR_MS = 3_600_000;
const host = (name: string): { host: string; url: string } => ({ host: name, url: `http://${name}:8080/below` });

it('knows the pages of a host for half a day after it has gone', () => {
  const origins = new HostOrigins();
  origins.see([host('one'), host('two')], 0);
  origins.see([host('one'), { host: 'odd', url: 'no URL' }], 11 * HOUR_MS);
  expect(origins.list()).toEqual(['http://two:8080', 'http://one:8080']);
  origins.see([host('one')], 13 * HOUR_MS);
  expect(origins.list()).toEqual(['http://one:8080']);
});

it('remembers no more hosts than there can be, the latest', () => {
  const origins = new HostOrigins();
  for (let index = 0; index < 2000; index++) origins.see([host(`host-${index}`)], index);
  expect(origins.list()).toHaveLength(500);
  expect(origins.list().at(-1)).toBe('http://host-1999:8080');
});
