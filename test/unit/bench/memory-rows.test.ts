import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memoryRows } from '#src/bench/memory-rows.js';

const mapping = (range: string, rights: string, name: string, residentKib: number, shareKib = residentKib): string =>
  [
    `${range} ${rights} 00000000 fe:00 0                  ${name}`,
    `Size:               8192 kB`,
    `Rss:              ${residentKib} kB`,
    `Pss:              ${shareKib} kB`,
    `Pss_Dirty:           999 kB`,
    `VmFlags: rd wr mr mw me ac sd`,
    ``,
  ].join('\n');

describe('memory of a process by kind', () => {
  it.each([
    ['files', '00400000-05a00000', 'r-xp', '/usr/bin/node'],
    ['files', '7f0000000000-7f0000100000', 'rw-p', '/usr/lib/a library.so (deleted)'],
    ['allocator', '17d02000-1a000000', 'rw-p', '[heap]'],
    ['allocator', '7fa33d000000-7fa341000000', 'rw-p', ''],
    ['scripts', '2fd31d040000-2fd31d080000', 'rw-p', ''],
    ['code', '7fa33d000000-7fa33d010000', 'rwxp', ''],
    ['stacks', '7fa33d000000-7fa33d800000', 'rw-p', ''],
    ['stacks', '7ffd5e1c1000-7ffd5e1e3000', 'rw-p', '[stack]'],
  ] as const)('%s: %s %s %s', (kind, range, rights, name) => {
    const rows = memoryRows('stream', mapping(range, rights, name, 2048, 1024));

    expect(rows).toEqual([{ process: 'stream', kind, residentMb: 2, shareMb: 1 }]);
  });

  it('is added up, what takes most first', () => {
    const smaps =
      mapping('00400000-05a00000', 'r-xp', '/usr/bin/node', 1024, 256) +
      mapping('17d02000-1a000000', 'rw-p', '[heap]', 4096) +
      mapping('7fa33d000000-7fa341000000', 'rw-p', '', 512);

    expect(memoryRows('gateway', smaps)).toEqual([
      { process: 'gateway', kind: 'allocator', residentMb: 4.5, shareMb: 4.5 },
      { process: 'gateway', kind: 'files', residentMb: 1, shareMb: 0.3 },
    ]);
  });

  it.runIf(process.platform === 'linux')('leaves nothing of a process out', () => {
    const rows = memoryRows('own', readFileSync('/proc/self/smaps', 'utf8'));
    const resident = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
    const sum = rows.reduce((total, { residentMb }) => total + residentMb, 0);

    expect(sum / resident).toBeGreaterThan(0.8);
    expect(sum / resident).toBeLessThan(1.2);
    expect(rows.find(({ kind }) => kind === 'scripts')?.residentMb).toBeGreaterThan(1);
  });
});
