import { describe, expect, it } from 'vitest';
import { ThreadGate } from '#src/stream/inference/thread-gate.js';

describe('ThreadGate', () => {
  it('lets work through and gives its result', async () => {
    expect(await new ThreadGate().pass(() => Promise.resolve(7))).toBe(7);
  });

  it('closes at once while nobody is inside', () => {
    expect(new ThreadGate().close(0)).toBe(true);
  });

  it('closes after work that failed', async () => {
    const gate = new ThreadGate();
    await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(gate.close(0)).toBe(true);
  });

  it('lets nobody in once it is closed', async () => {
    const gate = new ThreadGate();
    gate.close(0);
    let isDone = false;

    await expect(gate.pass(() => Promise.resolve((isDone = true)))).rejects.toThrow('being ended');
    expect(isDone).toBe(false);
  });

  it('says so when somebody stays inside, seen from the other side', async () => {
    const gate = new ThreadGate();
    const other = new ThreadGate(gate.memory);
    let leave: () => void = () => undefined;
    const work = gate.pass(() => new Promise<void>((resolve) => (leave = resolve)));

    expect(other.close(1)).toBe(false);
    leave();
    await work;
    expect(other.close(1)).toBe(true);
  });
});
