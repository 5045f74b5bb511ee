import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { installLastGuard, isFatal } from '#src/gateway/guard/last-guard.adapter.js';

const withCode = (code: string): Error => Object.assign(new Error('x'), { code });

describe('an error', () => {
  it.each<[string, unknown, boolean]>([
    ['of a bug', new TypeError('undefined is not a function'), false],
    ['of a URL', withCode('ERR_INVALID_URL'), false],
    ['of the network', withCode('ECONNRESET'), false],
    ['of a range', new RangeError('Invalid count value: -1'), false],
    ['that is no Error', 'text', false],
    ['that is nothing', undefined, false],
    ['of the state of Node', withCode('ERR_INTERNAL_ASSERTION'), true],
    ['of memory, with a code', withCode('ERR_MEMORY_ALLOCATION_FAILED'), true],
    ['of memory', new RangeError('Array buffer allocation failed'), true],
  ])('%s: %s is fatal: %s', (_name, error, expected) => {
    expect(isFatal(error)).toBe(expected);
  });
});

describe('the last guard', () => {
  const guarded = (onLog: () => void = () => undefined) => {
    const target = new EventEmitter();
    const lines: string[] = [];
    const log = (level: string) => (): void => {
      lines.push(level);
      onLog();
    };
    const guard = installLastGuard({ logger: { error: log('error'), fatal: log('fatal') }, target });
    return { target, lines, guard };
  };

  it('logs an error and goes on, as often as it comes', async () => {
    const { target, guard, lines } = guarded();

    for (let count = 0; count < 100; count++) target.emit('uncaughtException', new Error('x'), 'unhandledRejection');

    expect(lines).toEqual(Array(100).fill('error'));
    expect(await Promise.race([guard.fatal, Promise.resolve('goes on')])).toBe('goes on');
  });

  it('passes on the first fatal error', async () => {
    const { target, guard, lines } = guarded();
    const first = withCode('ERR_INTERNAL_ASSERTION');

    target.emit('uncaughtException', first, 'uncaughtException');
    target.emit('uncaughtException', withCode('ERR_INTERNAL_ASSERTION'), 'uncaughtException');

    expect(lines).toEqual(['fatal', 'fatal']);
    await expect(guard.fatal).rejects.toBe(first);
  });

  it('does not throw where the log does', () => {
    const { target } = guarded(() => {
      throw new Error('disk full');
    });

    expect(() => target.emit('uncaughtException', new Error('x'), 'uncaughtException')).not.toThrow();
  });

  it('is gone when it is taken away', () => {
    const { target, guard } = guarded();

    guard.remove();
    guard.remove();

    expect(target.listenerCount('uncaughtException')).toBe(0);
  });
});
