import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConfigError } from '#src/shared/config/config-error.js';
import { gatewayJsonSchema } from '#src/shared/config/json-schema.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import { packagePath } from '#src/shared/package-root.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, editText } from '../harness/junk.js';
import { nearlyRight } from '../harness/schema-values.js';

const SECRET = 'geheim';

const PIECES = [
  '- ',
  '? ',
  ': ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '*x',
  '&x ',
  '&y ',
  '!foo ',
  '!!int ',
  '!!binary ',
  '!!map ',
  '"',
  "'",
  '|',
  '>',
  '|9+\n',
  '#',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '%TAG ! x\n',
  '<<: *x\n',
  '\n',
  '\r',
  '\t',
  '  ',
  '      ',
  '\0',
  '\u0085',
  '\u2028',
  '\ufeff',
  '~',
  '.nan',
  '-.inf',
  '0x1F',
  '0o17',
  '1e999',
  '2026-01-01',
  'null',
  'a: ',
  '"\\ud800"',
  '"\\x00"',
  '`',
  '@',
  '%',
  '[[[[[[[[[',
  '{a: {a: {a: ',
  '- - - - - ',
  'streams:\n  - source: { url: "test:" }\n',
  'http: ',
  'port: ',
  `password: ${SECRET}\n`,
  'targets: ',
  '&x [*x, *x]',
  '__proto__: ',
  'é',
  '😀',
];

const EXAMPLE = readFileSync(packagePath('config/gateway.example.yaml'), 'utf8');
const SMALL = `streams:\n  - &x\n    id: hall\n    source: { url: "test:", password: "${SECRET}" }\n    targets: [{ url: "rtmp://h/app/${SECRET}" }]\n  - { <<: *x, id: b }\n`;

/** What a reader of a configuration must give, whatever it reads: a configuration, or sentences with their place. */
function check(text: string): void {
  try {
    parseConfig({ text, fileName: 'g.yaml' });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.code).toBe('DIPTYCH_E_CONFIG');
    expect(error.issues.length).toBeLessThanOrEqual(20);
    expect(error.message.length).toBeLessThan(2000);
    for (const { line, column, message } of error.issues) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(message.length).toBeGreaterThan(5);
      expect(message).not.toMatch(/\p{Cc}|\p{Cs}/u);
    }
  }
}

it('YAML of any kind gives a configuration, or a mistake with its line', () =>
  fuzz({
    name: 'yaml',
    usually: 500,
    inputs: fc.oneof(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
      fc
        .tuple(fc.constantFrom(EXAMPLE.slice(0, 3000), SMALL), anyEdits)
        .map(([text, edits]) => editText(text, edits, PIECES)),
      fc.tuple(fc.constantFrom(...PIECES), fc.nat({ max: 1000 })).map(([piece, times]) => piece.repeat(times)),
    ),
    check,
  }));

it('configurations with wrong values are refused, and those that are taken are taken again', () =>
  fuzz({
    name: 'config-values',
    usually: 300,
    inputs: nearlyRight(gatewayJsonSchema()),
    check: (value) => {
      const text = JSON.stringify(value);
      check(text);
      let config;
      try {
        config = parseConfig({ text, fileName: 'g.yaml' });
      } catch {
        return;
      }
      expect(parseConfig({ text: JSON.stringify(config), fileName: 'g.yaml' })).toEqual(config);
    },
  }));
