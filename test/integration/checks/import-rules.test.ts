import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';

interface Rule {
  readonly name: string;
  readonly severity: string;
}

/** One violation of each rule: the file that imports, and the specifiers that it must not import. */
const VIOLATIONS: Readonly<Record<string, readonly [file: string, ...specifiers: string[]]>> = {
  'no-circle': ['src/shared/config/first.ts', './second.js'],
  resolvable: ['src/cli/lost.ts', './nowhere.js'],
  'gateway-and-stream-do-not-meet': ['src/gateway/api/frames.ts', '../../stream/models/store.js'],
  'stream-and-gateway-do-not-meet': ['src/stream/monitor/routes.ts', '../../gateway/api/routes.js'],
  'offline-runs-the-stream-pipeline': ['src/offline/serve.ts', '../gateway/api/routes.js'],
  'shared-stands-below-all': ['src/shared/telemetry/model.ts', '../../stream/models/store.js'],
  'domain-stands-alone': ['src/shared/domain/configured.ts', '../config/second.js'],
  'stream-domain-stands-alone': ['src/stream/domain/modelled.ts', '../models/store.js'],
  'native-code-only-where-frames-are': ['src/cli/run.ts', '../stream/native/addon.adapter.js'],
  'stages-do-not-meet': ['src/stream/stages/track/meet.ts', '../detect/pure.js'],
  'pure-files-are-pure': ['src/stream/stages/track/reactive.ts', 'rxjs'],
  'pure-files-do-no-io': ['src/stream/stages/track/reading.ts', 'node:fs'],
  'operators-wrap-pure-files': ['src/stream/stages/track/direct.operator.ts', './outside.adapter.js'],
  'pipeline-is-joined-above': ['src/stream/backend/whole.ts', '../pipeline.js'],
  'parts-do-not-know-the-root-of-the-stream': ['src/stream/backend/rooted.ts', '../live-stream.js'],
  'parts-do-not-know-the-root-of-the-gateway': ['src/gateway/api/rooted.ts', '../gateway.js'],
  'cluster-is-loaded-on-demand': ['src/gateway/streams/claimed.ts', '../cluster/member.js'],
  'one-importer-of-the-gstreamer-binding': ['src/stream/backend/binding.ts', 'gstreamer-superficial'],
  'viewer-is-a-page': ['src/viewer/server.ts', '../gateway/api/routes.js'],
  'nothing-runs-the-viewer': ['src/gateway/api/page.ts', '../../viewer/page.js'],
  'test-camera-is-for-demo-and-tests': ['src/offline/scene.ts', '../test-camera/scene.js'],
  'benchmarks-are-started-by-the-command-line': ['src/shared/config/measure.ts', '../../bench/measure.js'],
  'sources-import-by-path': ['src/cli/alias.ts', '#src/shared/config/second.js'],
};

/** What is imported; each is sound by itself. */
const SOUND: Readonly<Record<string, readonly string[]>> = {
  'src/shared/config/second.ts': ['./first.js'],
  'src/shared/domain/box.ts': [],
  'src/stream/models/store.ts': ['../../shared/domain/box.js'],
  'src/stream/native/addon.adapter.ts': [],
  'src/stream/pipeline.ts': ['./stages/detect/pure.js'],
  'src/stream/live-stream.ts': ['./pipeline.js', './native/addon.adapter.js'],
  'src/stream/stages/detect/pure.ts': ['../../../shared/domain/box.js'],
  'src/stream/stages/track/outside.adapter.ts': ['node:fs', 'rxjs', '../../native/addon.adapter.js'],
  'src/stream/stages/track/sound.operator.ts': ['rxjs'],
  'src/gateway/api/routes.ts': ['../../shared/domain/box.js'],
  'src/gateway/cluster/member.ts': [],
  'src/gateway/gateway.ts': ['./api/routes.js'],
  'src/offline/render.ts': ['../stream/pipeline.js', '../stream/native/addon.adapter.js'],
  'src/viewer/page.ts': ['../shared/domain/box.js'],
  'src/test-camera/scene.ts': [],
  'src/bench/measure.ts': ['../offline/render.js', '../test-camera/scene.js'],
  'src/cli/bench.ts': ['../bench/measure.js', '../gateway/gateway.js'],
};

const { forbidden } = createRequire(import.meta.url)(packagePath('.dependency-cruiser.cjs')) as {
  readonly forbidden: readonly Rule[];
};
let folder: string;
let found: ReadonlyMap<string, ReadonlySet<string>>;

const source = (specifiers: readonly string[]): string =>
  `${specifiers.map((specifier, index) => `import * as part${index} from '${specifier}';`).join('\n')}\nexport const parts = [${specifiers.map((_, index) => `part${index}`).join(', ')}];\n`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-rules-'));
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    cpSync(packagePath(name), join(folder, name));
  }
  symlinkSync(packagePath('node_modules'), join(folder, 'node_modules'));
  const files = [
    ...Object.entries(SOUND),
    ...Object.values(VIOLATIONS).map(([file, ...specifiers]) => [file, specifiers] as const),
  ];
  for (const [file, specifiers] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source(specifiers));
  }
  const { stdout } = spawnSync(
    process.execPath,
    [
      packagePath('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'],
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  const { summary } = JSON.parse(stdout) as {
    readonly summary: { readonly violations: readonly { readonly from: string; readonly rule: Rule }[] };
  };
  const byRule = new Map<string, Set<string>>();
  for (const { from, rule } of summary.violations)
    byRule.set(rule.name, (byRule.get(rule.name) ?? new Set()).add(from));
  found = byRule;
});

afterAll(() => rmSync(folder, { recursive: true }));

it('has a violation for every rule', () => {
  expect(Object.keys(VIOLATIONS).sort()).toEqual(forbidden.map(({ name }) => name).sort());
});

describe.each(forbidden)('the rule $name', ({ name, severity }) => {
  it('fails the check', () => {
    expect(severity).toBe('error');
    expect([...(found.get(name) ?? [])]).toContain(VIOLATIONS[name]?.[0]);
  });

  it('lets sound files pass', () => {
    // A circle has two ends; the sound one is the other.
    const accused = [...(found.get(name) ?? [])].filter((file) => file in SOUND && name !== 'no-circle');

    expect(accused).toEqual([]);
  });
});
