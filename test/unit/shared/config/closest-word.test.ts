import { describe, expect, it } from 'vitest';
import { closestWord } from '#src/shared/config/closest-word.js';

describe('closestWord', () => {
  const known = ['host', 'port', 'bitrateKbps', 'latencyMs', 'fps'];

  it.each([
    ['bitrate', 'bitrateKbps'],
    ['lat', 'latencyMs'],
    ['bi', undefined],
    ['bitrateKpbs', 'bitrateKbps'],
    ['BITRATEKBPS', 'bitrateKbps'],
    ['latencyms', 'latencyMs'],
    ['latencyMS', 'latencyMs'],
    ['prot', 'port'],
    ['hots', 'host'],
    ['fp', 'fps'],
    ['fpss', 'fps'],
    ['colour', undefined],
    ['', undefined],
  ])('%j is taken for %j', (word, expected) => {
    expect(closestWord(word, known)).toBe(expected);
  });

  it('takes the beginning of several words for none of them', () => {
    expect(closestWord('lab', ['labelColour', 'labelSizes'])).toBeUndefined();
  });

  it('has nothing to offer where nothing is known', () => {
    expect(closestWord('host', [])).toBeUndefined();
  });
});
