import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCompiled } from '#src/stream/native/load-compiled.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-compiled-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A module as the headers of another version of Node would have made it. */
function moduleOf(source: string): string {
  const file = join(folder, 'module.c');
  writeFileSync(file, source);
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-o', join(folder, 'module.node'), file]);
  expect(status, String(stderr)).toBe(0);
  return join(folder, 'module.node');
}

/** It registers itself when it is opened, for a version that never was (node.h: NODE_MODULE). */
const OTHER_VERSION = `
  struct node_module { int version; unsigned flags; void* handle; const char* file; void* init; void* context;
                       const char* name; void* priv; struct node_module* link; };
  extern void node_module_register(void* module);
  static struct node_module self = { 9999, 0, 0, "module.c", 0, 0, "module", 0, 0 };
  __attribute__((constructor)) static void begin(void) { node_module_register(&self); }`;

describe('a module that set-up has compiled', () => {
  it.each([
    ['that says for which version it is', OTHER_VERSION],
    ['that does not register itself', 'int nothing;'],
  ])('is told to be of another version of Node: one %s', (_, source) => {
    const path = moduleOf(source);

    expect(() => loadCompiled('GStreamer binding', path)).toThrow(
      expect.objectContaining({
        code: 'DIPTYCH_E_NATIVE',
        message: `the GStreamer binding was built for another version of Node than ${process.versions.node}; run diptych setup (in a clone: npm run build), or start it with the version that it was built for`,
      }),
    );
  });

  it('is told to be missing with what Node says', () => {
    expect(() => loadCompiled('native addon', join(folder, 'no.node'))).toThrow(
      expect.objectContaining({
        code: 'DIPTYCH_E_NATIVE',
        message: expect.stringMatching(
          /^the native addon could not be loaded \(.*no\.node.*\); run diptych setup/,
        ) as string,
      }),
    );
  });
});
