import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FenceFile } from '#src/gateway/cluster/fence-file.adapter.js';

const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

it('takes away what a gateway has left that was killed, and nothing of one that runs', () => {
  const { pid: endedPid } = spawnSync(process.execPath, ['--version']);
  const [left, held] = [endedPid, process.ppid].map((pid) => path.join(parent, `diptych-fence-${pid}-test`));
  for (const folder of [left, held]) {
    mkdirSync(folder ?? '', { recursive: true });
    utimesSync(folder ?? '', 1, 1);
  }

  const fence = FenceFile.create();

  expect([left, held].map((folder) => existsSync(folder ?? ''))).toEqual([false, true]);
  fence.remove();
  rmSync(held ?? '', { recursive: true });
  expect(existsSync(path.dirname(fence.path))).toBe(false);
});
