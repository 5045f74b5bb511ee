import { describe, expect, it } from 'vitest';
import { GPU_FIELDS, parseGpuReading } from '#src/shared/gpu/gpu-reading.js';

describe('parseGpuReading', () => {
  it('reads the line in the order that it was asked for', () => {
    expect(GPU_FIELDS).toEqual(['utilization.gpu', 'utilization.decoder', 'memory.used', 'memory.total']);
    const reading = { gpuPercent: 37, decoderPercent: 81, memoryMib: 1204, memoryTotalMib: 143771 };
    expect(parseGpuReading('37, 81, 1204, 143771\n')).toEqual(reading);
  });

  it('does without what the driver does not know', () => {
    expect(parseGpuReading('5, [N/A], 600, [N/A]')).toEqual({ gpuPercent: 5, memoryMib: 600 });
  });

  it.each(['', 'No devices were found', '[N/A], 1, 2', '1, 2'])('takes nothing from "%s"', (line) => {
    expect(parseGpuReading(line)).toBeUndefined();
  });
});
