import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';

it('a stream process ends by itself where the gateway is gone before it was loaded', async () => {
  const child = fork(builtPath('stream/main.js'), [], { detached: true, stdio: 'ignore' });
  child.disconnect();

  const [code] = (await once(child, 'exit')) as [number | null];

  expect(code).toBe(0);
});
