import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';

it('ends without an error when it is told to before it listens', async () => {
  const child = fork(builtPath('stream/main.js'), [], { execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  const said = text(child.stderr!);

  child.send({ type: 'end' });

  const [status] = (await once(child, 'exit')) as [number];
  expect({ status, said: await said }).toEqual({ status: 0, said: '' });
});
