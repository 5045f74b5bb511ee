import { ESLint } from 'eslint';
import { expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

const eslint = new ESLint({
  cwd: packagePath(''),
  overrideConfigFile: packagePath('.eslint.config.mjs'),
  // With CI set, the parser would take the text from the disk, once for all.
  overrideConfig: { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } },
});

/** What lint says of a file with this text, in the place of a file that there is. */
async function rulesBrokenBy(path: string, text: string): Promise<readonly (string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath: packagePath(path) });
  return result!.messages.map(({ ruleId }) => ruleId);
}

const PLAIN = 'src/shared/package-root.ts';
const SCRIPT = 'test/bench/gpu/closure.mjs';
/** The first file that is linted brings in the types of the whole program, which takes a busy machine long. */
const TIMEOUT_MS = 60_000;

const lines = (count: number): string => 'void 0;\n'.repeat(count);

it.each([
  ['an export without a docstring', PLAIN, 'export const limit = 3;\n', 'jsdoc/require-jsdoc'],
  [
    'a field without a docstring',
    PLAIN,
    '/** Sizes. */\nexport interface Sizes {\n  readonly width: number;\n}\n',
    'jsdoc/require-jsdoc',
  ],
  [
    'a public method without a docstring',
    PLAIN,
    '/** A store. */\nexport class Store {\n  open(): void {\n    this.constructor();\n  }\n}\n',
    'jsdoc/require-jsdoc',
  ],
  ['a docstring that says nothing', PLAIN, '/** @internal */\nexport const limit = 3;\n', 'jsdoc/require-description'],
  ['a file of 301 lines', PLAIN, lines(301), 'max-lines'],
  ['a script for tests of 301 lines', SCRIPT, lines(301), 'max-lines'],
  [
    'a function of 61 lines',
    PLAIN,
    `/** Does nothing. */\nexport function nothing(): void {\n${lines(59)}}\n`,
    'max-lines-per-function',
  ],
  [
    'a path counted from a file',
    PLAIN,
    "/** The models. */\nexport const models = new URL('../../models', import.meta.url);\n",
    'no-restricted-syntax',
  ],
  [
    'a second file that loads the GStreamer binding',
    PLAIN,
    "/** It. */\nexport const binding = 'gstreamer-superficial';\n",
    'no-restricted-syntax',
  ],
  [
    'a second file that loads the addon',
    PLAIN,
    "/** It. */\nexport const addon = 'native/build/Release/diptych.node';\n",
    'no-restricted-syntax',
  ],
  [
    'any',
    PLAIN,
    '/** Anything. */\nexport const some = JSON.parse("1") as any;\n',
    '@typescript-eslint/no-explicit-any',
  ],
  ['the console', PLAIN, 'console.log(1);\n', 'no-console'],
])(
  'lint refuses %s',
  async (_, path, text, rule) => {
    expect(await rulesBrokenBy(path, text)).toContain(rule);
  },
  TIMEOUT_MS,
);

// Asked of the configuration alone: the types of all tests take long to load.
it.each(['test/unit/checks/lint-rules.test.ts', 'test/integration/pixels/reference.ts', SCRIPT])(
  'lint holds %s to 300 lines',
  async (path) => {
    const { rules } = (await eslint.calculateConfigForFile(packagePath(path))) as { rules: Record<string, unknown> };

    expect(rules['max-lines']).toEqual([2, { max: 300 }]);
  },
);

it('lint lets a documented file pass', async () => {
  const text = '/** At most so many, frames. */\nexport const limit = 3;\n';

  expect(await rulesBrokenBy(PLAIN, text)).toEqual([]);
});
