import { describe, expect, it } from 'vitest';
import { EventLog } from '#src/gateway/events/event-log.js';

const NOW = Date.parse('2026-01-01T10:00:00Z');
const entry = (text: string, kind = 'state') => ({ kind, text, data: {} });

describe('the log of a stream', () => {
  it('keeps the newest, with ids that rise also within a millisecond', () => {
    const log = new EventLog(3);

    for (const text of ['a', 'b', 'c', 'd', 'e']) log.add(entry(text), NOW);

    expect(log.list().map(({ text }) => text)).toEqual(['c', 'd', 'e']);
    expect(log.list().map(({ id }) => id - NOW)).toEqual([2, 3, 4]);
    expect(log.lostId).toBe(NOW + 1);
  });

  it('has rising ids when the clock is put back', () => {
    const log = new EventLog();

    log.add(entry('a'), NOW);
    log.add(entry('b'), NOW - 60_000);

    expect(log.list().map(({ id }) => id)).toEqual([NOW, NOW + 1]);
  });

  it('counts what happens again and again', () => {
    const log = new EventLog();

    const news = [entry('lost'), entry('lost'), entry('back'), entry('lost')].map((each, n) =>
      log.add(each, NOW + n * 1000),
    );

    expect(news).toEqual([true, false, true, true]);
    expect(log.list()).toMatchObject([
      { text: 'lost', count: 2, time: '2026-01-01T10:00:00.000Z', lastTime: '2026-01-01T10:00:01.000Z' },
      { text: 'back' },
      { text: 'lost' },
    ]);
    expect(log.list()[2]).not.toHaveProperty('count');
  });

  it.each([
    ['all', {}, 'abcd'],
    ['after one', { since: NOW + 1 }, 'cd'],
    ['after one that is not kept any more', { since: 5 }, 'abcd'],
    ['after the last', { since: NOW + 3 }, ''],
    ['the newest', { limit: 2 }, 'cd'],
    ['none', { limit: 0 }, ''],
    ['the newest after one', { since: NOW, limit: 1 }, 'd'],
  ])('lists %s', (_name, range, expected) => {
    const log = new EventLog();
    ['a', 'b', 'c', 'd'].forEach((text, n) => log.add(entry(text), NOW + n));

    const texts = log.list(range).map(({ text }) => text);

    expect(texts.join('')).toBe(expected);
  });

  it('goes on after an event, also one that is gone', () => {
    const log = new EventLog(2);
    ['a', 'b', 'c', 'd'].forEach((text, n) => log.add(entry(text), NOW + n));

    expect([0, NOW, NOW + 2, NOW + 3].map((id) => log.after(id)?.text)).toEqual(['c', 'c', 'd', undefined]);
  });
});
