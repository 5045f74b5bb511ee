import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeAfterEach, frames, known, open } from './source-fixture.js';

closeAfterEach();
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Processes that draw a scene for this one. */
const drawing = (): number => {
  const lines = execFileSync('ps', ['-o', 'ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes('render-people.js') && Number.parseInt(line, 10) === process.pid).length;
};

describe('test:people', () => {
  it("plays the demo's scene, which is drawn where it is not there yet", async () => {
    const session = await open('test:people');
    const info = known(
      session,
      ({ audio, codec }) => audio !== undefined && audio !== 'unknown' && codec !== undefined,
    );

    const all = await frames(session, 30);

    expect(all[0]).toMatchObject({ width: 1920, height: 1080 });
    expect(await info).toMatchObject({ codec: 'H.264', audio: 'AAC' });
    expect(await session.audio.exists).toBe(true);
    expect(drawing()).toBe(0);
  });

  it('leaves nothing behind where it is stopped while the scene is drawn', async () => {
    const cache = await mkdtemp(path.join(tmpdir(), 'diptych-cache-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
    const abort = new AbortController();

    const opening = open('test:people', {}, 'live', { signal: abort.signal }).then(
      () => 'opened',
      (error: unknown) => String(error),
    );
    await vi.waitFor(() => {
      expect(drawing()).toBe(1);
    });
    abort.abort();

    expect(await opening).toContain('not drawn to its end');
    await vi.waitFor(
      () => {
        expect(drawing()).toBe(0);
      },
      { timeout: 10_000 },
    );
    await rm(cache, { recursive: true, force: true });
  });

  it('cannot be read as fast as it goes', async () => {
    await expect(open('test:people', {}, 'free')).rejects.toMatchObject({ code: 'DIPTYCH_E_CONFIG' });
  });
});
