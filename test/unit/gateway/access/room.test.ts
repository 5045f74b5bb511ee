import { describe, expect, it } from 'vitest';
import { MemoryPlan } from '#src/gateway/access/memory-plan.js';
import { requireViewerRoom } from '#src/gateway/access/viewer-room.js';
import { SocketRoom } from '#src/gateway/signaling/socket-room.js';

const MINUTE_MS = 60_000;

describe('memory for one more stream', () => {
  const needs = { freeMemoryMb: 300, streamMemoryMb: 200 };

  it('bounds how many start at once, and lets more start when these have taken theirs', () => {
    const plan = new MemoryPlan(needs);
    const missing: number[] = [];

    // What is free stays the same, as streams that have just begun have taken nothing yet.
    for (let number = 0; number < 5; number++) {
      missing.push(plan.missingMb(1000, number));
      if (missing.at(-1) === 0) plan.started(number);
    }

    expect(missing).toEqual([0, 0, 0, 100, 100]);
    expect(plan.missingMb(450, MINUTE_MS + 10)).toBe(50);
    expect(plan.missingMb(500, MINUTE_MS + 10)).toBe(0);
  });

  it.each([
    ['nobody knows how much there is', needs, undefined],
    ['nobody is to look', { ...needs, freeMemoryMb: 0 }, 1],
  ])('is there where %s', (_name, given, freeMb) => {
    expect(new MemoryPlan(given).missingMb(freeMb, 0)).toBe(0);
  });
});

describe('room for viewers', () => {
  const limits = { viewers: 10, viewersPerStream: 4 };

  it.each([
    ['of this stream', { all: 5, ofStream: 4 }, 'limits.viewersPerStream'],
    ['of all', { all: 10, ofStream: 0 }, 'limits.viewers '],
  ])('ends %s', (_name, count, option) => {
    expect(() => requireViewerRoom(limits, count)).toThrow(option);
  });

  it('is there below', () => {
    expect(() => requireViewerRoom(limits, { all: 9, ofStream: 3 })).not.toThrow();
  });
});

describe('room for WebSockets', () => {
  it('is counted by address and as a whole, and free again when they are closed', () => {
    const room = new SocketRoom({ webSockets: 3, webSocketsPerAddress: 2 });
    const leave = room.enter('a');
    room.enter('a');

    const [sameAddress, otherAddress] = [room.refuse('a'), room.refuse('b')];
    const leaveB = room.enter('b');
    const full = room.refuse('c');
    leave();

    expect(sameAddress?.message).toContain('limits.webSocketsPerAddress');
    expect(otherAddress).toBeUndefined();
    expect(full?.message).toContain('limits.webSockets ');
    expect(room.refuse('a')).toBeUndefined();
    leaveB();
    expect(room.refuse('c')).toBeUndefined();
  });
});
