import { describe, expect, it } from 'vitest';
import { isTurnedByConfig, shapeLaunch } from '#src/stream/stages/ingest/picture-shape.js';

describe('shapeLaunch', () => {
  it.each([
    [{ rotate: 'auto', outputFps: 30 }, 'fields=top', 'video-direction=auto'],
    [{ rotate: '0', outputFps: 50 }, 'fields=all', 'pixel-aspect-ratio=1/1'],
    [{ rotate: '90', outputFps: 60 }, 'fields=all', 'video-direction=90r'],
    [{ rotate: '180', outputFps: 25 }, 'fields=top', 'video-direction=180'],
    [{ rotate: '270', outputFps: 49 }, 'fields=top', 'video-direction=90l'],
  ] as const)('%o: %s, %s', (shape, fields, direction) => {
    const launch = shapeLaunch(shape);

    expect(launch).toContain(fields);
    expect(launch).toContain('pixel-aspect-ratio=1/1');
    expect(launch.endsWith(direction)).toBe(true);
  });

  it('knows what is turned on purpose', () => {
    expect((['auto', '0', '90'] as const).map((rotate) => isTurnedByConfig({ rotate }))).toEqual([false, false, true]);
  });
});
