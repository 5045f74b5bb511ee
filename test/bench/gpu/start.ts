import { setTimeout as delay } from 'node:timers/promises';
import { startGatewayProcess, type GatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { startTestCamera } from '#src/test-camera/test-camera.adapter.js';
import { startClip } from './start-clip.adapter.js';
import { summed } from './measure.js';
import { requireGpu } from './required-gpu.js';
import type { Step } from './step.js';

const ROUNDS = 4;
const POLL_MS = 10;
const LIMIT_MS = 30_000;
/** The spare process is ready by then, ms. */
const CALM_MS = 10_000;
const GOALS = { firstMs: 1500, furtherMs: 600 };

/**
 * How long a gateway takes from its command until its first stream is live, and a further stream from its request: an
 * RTSP camera of 1920×1080 on this host with keyframes every half second.
 */
export const start: Step = {
  summary: 'a gateway from its command to a live stream, and a further stream from its request',
  limitS: 180,
  async run({ isQuick, put }) {
    await requireGpu();
    const camera = await startTestCamera({ file: await startClip() });
    const first: number[] = [];
    const further: number[] = [];
    const listening: number[] = [];
    try {
      for (let round = 0; round < (isQuick ? 1 : ROUNDS); round += 1) {
        const beganMs = performance.now();
        const gateway = await startGatewayProcess([camera.url]);
        try {
          listening.push(performance.now() - beganMs);
          await untilLive(gateway, 'main');
          first.push(performance.now() - beganMs);
          await delay(CALM_MS);
          const askedMs = performance.now();
          await addStream(gateway, camera.url);
          await untilLive(gateway, 'further');
          further.push(performance.now() - askedMs);
        } finally {
          for (const line of gateway.lines()) process.stderr.write(`${line}\n`);
          await gateway.stop();
        }
      }
    } finally {
      await camera.stop();
    }
    put({ what: 'command → API answers', unit: 'ms', ...summed(listening, 0) });
    const putTimes = (what: string, times: readonly number[], atMost: number): void => {
      const note = times.map((ms) => ms.toFixed(0)).join(', ');
      put({ what, unit: 'ms', ...summed(times, 0), note, goal: { atMost } });
    };
    putTimes('command → first stream live', first, GOALS.firstMs);
    putTimes('request → further stream live', further, GOALS.furtherMs);
  },
};

async function addStream({ url }: GatewayProcess, camera: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/streams`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'further', source: { url: camera } }),
  });
  if (!response.ok) throw new Error(`no further stream: ${await response.text()}`);
}

async function untilLive(gateway: GatewayProcess, stream: string): Promise<void> {
  for (const endMs = performance.now() + LIMIT_MS; performance.now() < endMs; await delay(POLL_MS)) {
    const { state, gpu } = await gateway.status(stream);
    if (state !== 'live') continue;
    if (gpu?.state !== 'used') throw new Error(`the stream is live without the GPU: ${gpu?.reason ?? gpu?.state}`);
    return;
  }
  throw new Error(`${stream} is not live: ${gateway.lines().slice(-10).join(' | ')}`);
}
