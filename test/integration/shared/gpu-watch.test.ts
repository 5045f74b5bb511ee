import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { GpuWatch } from '#src/shared/gpu/gpu-watch.adapter.js';

let folder: string;
let watch: GpuWatch | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-watch-'));
});

afterEach(() => {
  watch?.close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** Puts an `nvidia-smi` first that notes how it is called, then runs this. */
function standIn(script: string): void {
  const file = join(folder, 'nvidia-smi');
  writeFileSync(file, `#!/bin/sh\necho "$$ $*" >> '${join(folder, 'calls')}'\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', [folder, process.env['PATH'] ?? ''].join(delimiter));
}

const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('reads again and again by one nvidia-smi, which ends with it', async () => {
  standIn('n=0; while :; do n=$((n+1)); echo "GPU-a, $n, 2, 3, 4"; echo "GPU-b, 50, [N/A], 6, 7"; sleep 0.05; done');
  const seen: number[] = [];
  watch = new GpuWatch({
    devices: ['GPU-a', 'GPU-b'],
    everyMs: 1000,
    onReading: ({ gpuPercent }, uuid) => {
      if (uuid === 'GPU-a') seen.push(gpuPercent);
    },
  });

  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(4), 10_000);

  expect(seen.slice(0, 3)).toEqual([1, 2, 3]);
  expect(watch.latest).toEqual([
    { gpuPercent: expect.any(Number) as number, decoderPercent: 2, memoryMib: 3, memoryTotalMib: 4 },
    { gpuPercent: 50, memoryMib: 6, memoryTotalMib: 7 },
  ]);
  const [call = '', ...further] = calls();
  expect(further).toEqual([]);
  expect(call).toContain('--id=GPU-a,GPU-b --query-gpu=uuid,utilization.gpu');
  expect(call).toContain('--loop-ms=1000');
  watch.close();
  await vi.waitFor(() => expect(isRunning(Number.parseInt(call))).toBe(false), 10_000);
});

it('starts another one where it ends, and keeps no old reading meanwhile', async () => {
  standIn(`if [ $(wc -l < '${join(folder, 'calls')}') = 1 ]; then echo "GPU-a, 1, 2, 3, 4"; exit 1; fi
echo "GPU-a, 99, 2, 3, 4"; exec sleep 60`);
  watch = new GpuWatch({ everyMs: 5000 });

  await watch.first;
  expect(watch.latest).toMatchObject([{ gpuPercent: 1 }]);
  await vi.waitFor(() => expect(watch?.latest).toEqual([]), 10_000);
  await vi.waitFor(() => expect(watch?.latest).toMatchObject([{ gpuPercent: 99 }]), 10_000);
});

it('forgets a reading that no other one follows, as of a driver that hangs', async () => {
  standIn('echo "GPU-a, 1, 2, 3, 4"; exec sleep 60');
  watch = new GpuWatch({ everyMs: 1000 });

  await watch.first;
  expect(watch.latest).toHaveLength(1);
  await vi.waitFor(() => expect(watch?.latest).toEqual([]), 10_000);
});

it('has no readings where there is no nvidia-smi, or one that says nothing of use', async () => {
  vi.stubEnv('PATH', folder);
  watch = new GpuWatch({ everyMs: 50 });
  await watch.first;
  expect(watch.latest).toEqual([]);

  standIn('echo "No devices were found"');
  watch = new GpuWatch({ everyMs: 50 });
  await watch.first;
  expect(watch.latest).toEqual([]);
});
