import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

const CHECKS = packagePath('.checks');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-checks-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function check(name: string): { readonly status: number | null; readonly problems: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(CHECKS, `${name}.mjs`), folder], { encoding: 'utf8' });
  return { status, problems: stderr };
}

const include = (...names: readonly string[]): string => names.map((name) => `#include "${name}"\n`).join('');

const LAYERS = {
  'src/core/frame.hpp': '#include <vector>\n',
  'src/gst/graph.hpp': include('core/frame.hpp'),
  'src/cuda/device.hpp': include('core/frame.hpp', 'kernels/params.h'),
  'src/ort/model.hpp': include('cuda/device.hpp'),
  'src/napi/addon.cpp': `#include <napi.h>\n${include('gst/graph.hpp', 'ort/model.hpp')}`,
  'kernels/params.h': '',
  'kernels/compose.cu': include('params.h'),
};

it('includes from layer to layer are right as they are drawn', () => {
  put(LAYERS);

  expect(check('native-imports')).toEqual({ status: 0, problems: '' });
});

it.each([
  ['core of cuda', 'src/core/a.cpp', include('cuda/device.hpp'), 'core may include core only'],
  ['core of gst', 'src/core/a.cpp', include('gst/graph.hpp'), 'core may include core only'],
  ['gst of cuda', 'src/gst/a.cpp', include('cuda/device.hpp'), 'gst may include core, gst only'],
  ['a folder of gst of cuda', 'src/gst/nvmm/a.cpp', include('cuda/device.hpp'), 'gst may include core, gst only'],
  ['cuda of gst', 'src/cuda/a.cpp', include('gst/graph.hpp'), 'cuda may include core, cuda, kernels only'],
  ['cuda of ort', 'src/cuda/a.cpp', include('ort/model.hpp'), 'cuda may include core, cuda, kernels only'],
  ['ort of gst', 'src/ort/a.cpp', include('gst/graph.hpp'), 'ort may include core, cuda, ort only'],
  ['kernels of core', 'kernels/a.cu', include('../src/core/frame.hpp'), 'is no file by LAYER/FILE'],
  ['a header by its name alone', 'src/core/a.cpp', include('frame.hpp'), 'is no file by LAYER/FILE'],
  ['types of JavaScript below napi', 'src/gst/a.cpp', '#include <napi.h>\n', 'which only napi may'],
  ['a layer that nobody knows', 'src/vulkan/a.cpp', '', 'lies in no known layer'],
])('an include is refused: %s', (_, path, text, problem) => {
  put({ ...LAYERS, [path]: text });

  const { status, problems } = check('native-imports');

  expect(status).toBe(1);
  expect(problems).toContain(`native imports: ${path}`);
  expect(problems).toContain(problem);
});

it('a circle of includes is refused, also within a layer', () => {
  put({ 'src/core/a.hpp': include('core/b.hpp'), 'src/core/b.hpp': include('core/a.hpp') });

  expect(check('native-imports')).toEqual({
    status: 1,
    problems: 'native imports: a circle: src/core/a.hpp → src/core/b.hpp → src/core/a.hpp\n',
  });
});

const lines = (count: number): string => '  call();\n'.repeat(count);

it.each([
  ['a file of 300 lines', '\n'.repeat(300), undefined],
  ['a file of 301 lines', '\n'.repeat(301), 'src/a.cpp has 301 lines'],
  ['a function of 60 lines', `void f() {\n${lines(58)}}\n`, undefined],
  [
    'a function of 61 lines',
    `namespace n {\nvoid f(int a,\n       int b) {\n${lines(58)}}\n}\n`,
    'src/a.cpp:2 has a function of 61 lines',
  ],
  [
    'a method of 61 lines',
    `class A {\n  void f() const {\n${lines(59)}  }\n};\n`,
    'src/a.cpp:2 has a function of 61 lines',
  ],
  ['a kernel of 61 lines', `DIPTYCH_KERNEL(k, Params) {\n${lines(59)}}\n`, 'src/a.cpp:1 has a function of 61 lines'],
  ['two functions of 40 lines', `void f() {\n${lines(38)}}\nvoid g() {\n${lines(38)}}\n`, undefined],
  ['a class of 100 lines', `class A {\n${'  int a;\n'.repeat(98)}};\n`, undefined],
  [
    'braces in comments, literals and macros',
    `void f() {\n// {\n  call("{", '{');\n}\n#define B {\n${'int a;\n'.repeat(80)}`,
    undefined,
  ],
])('the size that is allowed: %s', (_, text, problem) => {
  put({ 'src/a.cpp': text });

  const { status, problems } = check('native-size');

  expect(status).toBe(problem === undefined ? 0 : 1);
  if (problem === undefined) expect(problems).toBe('');
  else expect(problems).toContain(problem);
});
