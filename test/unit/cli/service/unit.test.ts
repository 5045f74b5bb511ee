import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIRST_CONFIG, unitText } from '#src/cli/service/unit.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { packagePath } from '#src/shared/package-root.js';

const PLACES = { node: '/usr/bin/node', root: '/opt/diptych', config: '/etc/diptych/gateway.yaml', groups: ['video'] };

describe('the unit of the service', () => {
  it('names program, configuration and groups, and has no open place', () => {
    const unit = unitText(readFileSync(packagePath('config/systemd/diptych.service'), 'utf8'), PLACES);

    expect(unit).toContain(
      'ExecStart=/usr/bin/node /opt/diptych/dist/main.js run --config /etc/diptych/gateway.yaml\n',
    );
    expect(unit).toContain('SupplementaryGroups=video\n');
    expect(unit).not.toMatch(/@[A-Z]+@/);
  });

  it('asks for no group where the machine has none of them', () => {
    expect(unitText('a\nSupplementaryGroups=@GROUPS@\nb', { ...PLACES, groups: [] })).toBe('a\nb');
  });

  it.each([
    ['/opt/my node/bin', '/opt/my\\x20node/bin'],
    ['/opt/50%', '/opt/50%%'],
    ['/opt/$HOME', '/opt/$$HOME'],
    ['/opt/a\\b', '/opt/a\\\\b'],
  ])('writes the path %s as one word', (node, word) => {
    expect(unitText('ExecStart=@NODE@ x', { ...PLACES, node })).toBe(`ExecStart=${word} x`);
  });
});

it('the first configuration of a service is right', () => {
  expect(() => parseConfig({ text: FIRST_CONFIG, fileName: 'gateway.yaml' })).not.toThrow();
});
