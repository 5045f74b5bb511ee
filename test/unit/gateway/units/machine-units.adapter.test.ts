import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { machineFor } from '#src/gateway/units/machine-units.adapter.js';
import { readHardware } from '#src/shared/capacity/capacity-file.adapter.js';
import { gatewaySchema } from '#src/shared/config/schema.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'diptych-machine-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a gateway that is alone goes by, and what it warns of. */
async function machineOf(kept: string | undefined): Promise<{ units: number | undefined; warnings: string[] }> {
  if (kept !== undefined) await writeFile(join(folder, 'capacity.json'), kept);
  const logger = pino({ enabled: false });
  const warn = vi.spyOn(logger, 'warn');
  const machine = await machineFor(gatewaySchema.parse({}), { folder, version: '1.2.0', logger });
  return { units: machine?.capacity.units, warnings: warn.mock.calls.map(([text]) => String(text)) };
}

describe('a gateway that is alone', () => {
  it('goes by no units, and warns of nothing, where nobody measured', async () => {
    expect(await machineOf(undefined)).toEqual({ units: undefined, warnings: [] });
  });

  it.each([
    ['cut off', '{ "format": 1,'],
    ['empty', ''],
    ['of a later version', '{ "format": 2 }'],
  ])('goes by no units and says why where what was measured is %s', async (_what, kept) => {
    const { units, warnings } = await machineOf(kept);

    expect(units).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/counts streams, because .*not what .* writes; .*bench capacity/)]);
  });

  it('goes by what was measured on it', async () => {
    const kept = {
      ...{ format: 1, measuredAt: new Date().toISOString(), version: '1.2.0', hardware: await readHardware() },
      ...{ stream: { width: 1920, height: 1080, fps: 30 }, streams: 2, units: 2.5, limit: 'all cores are busy' },
      use: { cpu: 0.7, memory: 0.1 },
    };

    expect(await machineOf(JSON.stringify(kept))).toEqual({ units: 2.5, warnings: [] });
  });
});
