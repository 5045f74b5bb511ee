import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AccessKeeper } from '#src/gateway/access/access-keeper.adapter.js';
import { TokenFile } from '#src/gateway/access/token-file.adapter.js';
import { createLogger } from '#src/shared/telemetry/logger.js';

/** The keeper looks at the file every second. */
const TWO_LOOKS_MS = 2500;

let folder: string;
let keeper: AccessKeeper;
let said = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-tokens-'));
  said = '';
  const destination = new PassThrough().setEncoding('utf8');
  destination.on('data', (text: string) => (said += text));
  keeper = await AccessKeeper.open({
    config: { required: 'auto', tokens: [], rememberH: 1 },
    ...{ host: '127.0.0.1', isBehindProxy: false, folder },
    logger: createLogger({ level: 'info', format: 'json', destination }),
  });
});

afterEach(async () => {
  keeper.close();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

it('says nothing of a file of tokens that was never there, and takes one that comes', async () => {
  await delay(TWO_LOOKS_MS);
  expect(said).toBe('');
  expect(keeper.access.isNeeded).toBe(false);

  await new TokenFile(folder).add({ name: 'wall', role: 'view' }, new Date().toISOString());

  await vi.waitFor(() => expect(keeper.access.isNeeded).toBe(true), { timeout: 20_000 });
  expect(said).toContain('"tokens":["wall"]');
});
