import { expect, it, vi } from 'vitest';
import { safeListener } from '#src/gateway/guard/safe-listener.js';

it('passes on what happens', () => {
  const listener = vi.fn<(a: number, b: string) => void>();
  const safe = safeListener({ error: vi.fn() }, 'a test', listener);

  safe(1, 'two');

  expect(listener).toHaveBeenCalledWith(1, 'two');
});

it('logs what the listener throws, and lets the event be cleaned up after', () => {
  const error = new TypeError('odd');
  const logged = vi.fn();
  const cleaned = vi.fn();
  const safe = safeListener(
    { error: logged },
    'a test',
    (_name: string) => {
      throw error;
    },
    cleaned,
  );

  safe('socket');

  expect(logged).toHaveBeenCalledWith({ err: error }, 'a test failed; the gateway goes on');
  expect(cleaned).toHaveBeenCalledWith('socket');
});
