import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';
import { SoftCamera } from '../soft-camera.js';

const run = promisify(execFile);

interface Finding {
  readonly area: string;
  readonly verdict: string;
  readonly text: string;
}

let camera: SoftCamera;

beforeAll(() => {
  camera = new SoftCamera();
});

afterAll(() => camera.close());

/** What the doctor says of a device. */
async function examined(url = `v4l2:${camera.device}`): Promise<Finding | undefined> {
  const env = { ...process.env, ...camera.environment };
  const { stdout } = await run(process.execPath, [builtPath('main.js'), 'doctor', '--json', '--source', url], {
    env,
  }).catch((error: unknown) => error as { stdout: string });
  return (JSON.parse(stdout) as readonly Finding[]).find(({ area }) => area === 'source');
}

describe('doctor --source v4l2:', () => {
  it('says what a device sends', async () => {
    expect(await examined()).toMatchObject({
      verdict: 'good',
      text: expect.stringMatching(
        /Motion JPEG 640×360 at (?:29\.\d|30(?:\.\d)?) fps, sound none .*V4L2, Soft Camera: MJPG 640×360 at 30/,
      ) as string,
    });
  });

  it.each([
    ['denied', 'SOURCE_FILE', 'group video'],
    ['busy', 'SOURCE_BUSY', 'another program uses it'],
  ] as const)('says of a device that is %s what to do', async (state, code, words) => {
    camera.set(state, true);

    const { verdict, text = '' } = (await examined()) ?? {};
    camera.set(state, false);

    expect(verdict).toBe('broken');
    expect(text).toContain(`DIPTYCH_E_${code}`);
    expect(text).toContain(words);
  });

  it.each([
    ['v4l2:/dev/video91', 'there is no such device'],
    ['v4l2:/dev/null', 'it is no V4L2 device'],
    ['v4l2:video0', 'named by its file'],
  ])('says of %s what is wrong', async (url, words) => {
    expect((await examined(url))?.text).toContain(words);
  });
});
