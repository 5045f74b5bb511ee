import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { readHardware, writeCapacity } from '#src/shared/capacity/capacity-file.adapter.js';

let folder: string;
let gateway: GatewayProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-capacity-'));
  await writeCapacity(join(folder, 'state'), {
    ...{ format: 1, measuredAt: '2026-01-01T00:00:00.000Z', version: '0.0.1', hardware: await readHardware() },
    ...{ stream: { width: 1920, height: 1080, fps: 30 }, streams: 1, units: 1.8, limit: 'all cores are busy' },
    use: { cpu: 0.8, memory: 0.5 },
  });
  const config = join(folder, 'gateway.yaml');
  await writeFile(config, 'log: { level: info }\nspareProcess: false\nlimits: { freeMemoryMb: 0 }\n');
  gateway = await startGatewayProcess(['--config', config]);
}, 120_000);

afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

async function add(id: string, height: number): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${gateway.url}/api/v1/streams`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ id, source: { url: 'whip:' }, output: { width: (height / 9) * 16, height } }),
  });
  return { status: response.status, text: await response.text() };
}

it('a gateway that is alone takes as much as bench capacity found for its machine, and says what is taken', async () => {
  const answers = [await add('large', 1080), await add('medium', 1080), await add('small', 360)];

  expect(answers.map(({ status }) => status)).toEqual([201, 429, 201]);
  expect(answers[1]?.text).toMatch(
    /the stream that there is takes 1(\.\d+)? of 1\.8 units \(measured at 2026-01-01: all cores are busy\), and this one is estimated to take 1; .*limits\.streams/,
  );
  expect(gateway.lines().join('\n')).toMatch(
    /takes 1\.8 units: .*it was measured with Diptych 0\.0\.1; .*bench capacity/,
  );
});
