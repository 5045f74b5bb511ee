// Rules that find trouble, not taste: formatting is Prettier's, types are tsc's.
import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/** A private member needs no docstring: what is exported does, with its public members. */
const DOCUMENTED = [
  'ExportNamedDeclaration > :matches(TSInterfaceDeclaration, TSTypeAliasDeclaration, ClassDeclaration, FunctionDeclaration, TSEnumDeclaration)',
  'ExportNamedDeclaration[declaration.type="VariableDeclaration"]',
  'ExportNamedDeclaration > TSInterfaceDeclaration > TSInterfaceBody > :matches(TSPropertySignature, TSMethodSignature)',
  'ExportNamedDeclaration > ClassDeclaration > ClassBody > MethodDefinition:not([kind="constructor"]):not([accessibility="private"]):not([override=true]):not([key.type="PrivateIdentifier"]):not([kind="set"])',
  'ExportNamedDeclaration > ClassDeclaration > ClassBody > PropertyDefinition:not([accessibility="private"]):not([override=true]):not([key.type="PrivateIdentifier"])',
];

const COUNTED_PATH = {
  selector:
    'NewExpression[callee.name="URL"] > Literal[value=/^\\.\\.\\//], CallExpression[callee.name=/^(join|resolve)$/] > Literal[value=/^\\.\\.(\\/|$)/]',
  message: 'Paths of the package come from src/shared/package-root.ts; nothing else counts "..".',
};
const BINDING = {
  selector: 'Literal[value="gstreamer-superficial"]',
  message: 'Only src/stream/gst/binding.adapter.ts loads the GStreamer binding.',
};
const ADDON = {
  selector: 'Literal[value=/diptych\\.node$/]',
  message: 'Only src/stream/native/addon.adapter.ts loads the native addon.',
};
const ANY_SIGNAL = {
  selector: 'MemberExpression[object.name="AbortSignal"][property.name="any"]',
  message: 'anySignal of src/shared/any-signal.ts: AbortSignal.any forgets limits of time.',
};

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'native/**',
      'coverage/**',
      '**/*.d.mts',
      '**/*_pb.ts',
      'test/integration/gateway/fixture/openapi.d.ts',
    ],
  },
  {
    files: ['src/**/*.{ts,tsx}', 'test/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/viewer/tsconfig.json', './test/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Numbers and booleans read well in messages.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // With noUncheckedIndexedAccess, `matrix[row]!` says that the loop's bounds hold it.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `() => stream.end()` is how a callback that returns nothing is written here.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Element access is how index signatures are read (tsconfig: noUncheckedIndexedAccess).
      '@typescript-eslint/dot-notation': 'off',
      // Exports of this project are held by knip; a class with static members only is a choice.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    // Where every export has its docstring, and sizes are held.
    files: ['src/**/*.{ts,tsx}'],
    plugins: { jsdoc },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 60 }],
      'jsdoc/require-jsdoc': [
        'error',
        { require: { FunctionDeclaration: false }, contexts: DOCUMENTED, enableFixer: false },
      ],
      'jsdoc/require-description': ['error', { contexts: ['any'] }],
    },
  },
  {
    files: ['test/**/*.{ts,mjs,cjs}'],
    rules: { 'max-lines': ['error', { max: 300 }] },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: { 'no-restricted-syntax': ['error', COUNTED_PATH, BINDING, ADDON, ANY_SIGNAL] },
  },
  {
    files: ['src/stream/gst/binding.adapter.ts'],
    rules: { 'no-restricted-syntax': ['error', COUNTED_PATH, ADDON, ANY_SIGNAL] },
  },
  {
    files: ['src/stream/native/addon.adapter.ts'],
    rules: { 'no-restricted-syntax': ['error', COUNTED_PATH, BINDING, ANY_SIGNAL] },
  },
  {
    files: ['src/shared/any-signal.ts'],
    rules: { 'no-restricted-syntax': ['error', COUNTED_PATH, BINDING, ADDON] },
  },
  {
    // A program's own words go to its standard output through one place; tests may say more.
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', COUNTED_PATH],
      'no-console': 'off',
      '@typescript-eslint/no-implied-eval': 'off',
    },
  },
);
