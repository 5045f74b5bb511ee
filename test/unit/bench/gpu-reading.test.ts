import { describe, expect, it } from 'vitest';
import { CARD_FIELDS, parseCardReading } from '#src/bench/gpu-reading.js';

describe('parseCardReading', () => {
  it('reads the line in the order that it was asked for', () => {
    expect(CARD_FIELDS).toEqual(['utilization.gpu', 'utilization.decoder', 'memory.used']);
    expect(parseCardReading('37, 81, 1204\n')).toEqual({ gpuPercent: 37, decoderPercent: 81, memoryMib: 1204 });
  });

  it('does without what the driver does not know', () => {
    expect(parseCardReading('5, [N/A], 600')).toEqual({ gpuPercent: 5, memoryMib: 600 });
  });

  it.each(['', 'No devices were found', '[N/A], 1, 2', '1, 2'])('takes nothing from "%s"', (line) => {
    expect(parseCardReading(line)).toBeUndefined();
  });
});
