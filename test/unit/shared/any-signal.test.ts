import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { anySignal } from '#src/shared/any-signal.js';

it('aborts with the first of those that it follows', () => {
  const first = new AbortController();
  const signal = anySignal([new AbortController().signal, first.signal]);

  first.abort(new Error('enough'));

  expect(signal.aborted).toBe(true);
  expect(signal.reason).toEqual(new Error('enough'));
});

it('keeps a limit of time that nobody else knows', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const signal = anySignal([AbortSignal.timeout(100), new AbortController().signal]);
  const told = new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('aborted')));

  for (let i = 0; i < 5; i += 1) {
    await delay(10);
    collect();
  }

  expect(await Promise.race([told, delay(5000, 'never')])).toBe('aborted');
});
