import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

it('ends in peace when nobody reads its output any more', async () => {
  const child = spawn(process.execPath, ['dist/main.js', 'models', 'list'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Closed before the first line is written.
  child.stdout.destroy();
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint += text.toString()));

  const [status] = (await once(child, 'close')) as [number | null];

  expect(complaint).toBe('');
  expect(status).toBe(0);
});
