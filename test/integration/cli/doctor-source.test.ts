import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { builtPath } from '#src/shared/package-root.js';
import { asked, camera, closing } from '../../faults/cameras/source.js';

const run = promisify(execFile);

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Finding {
  readonly area: string;
  readonly verdict: string;
  readonly text: string;
}

/** What the doctor says of a source. */
async function examined(url: string): Promise<Finding | undefined> {
  const { stdout } = await run(process.execPath, [builtPath('main.js'), 'doctor', '--json', '--source', url]).catch(
    // Its exit status is 1 where something is broken.
    (error: unknown) => error as { stdout: string },
  );
  const findings = JSON.parse(stdout) as readonly Finding[];
  return findings.find(({ area }) => area === 'source');
}

it('says what a camera offers, and what is taken of it', async () => {
  const { url } = await camera({
    tracks: [{ kind: 'h264', size: '640x360' }, { kind: 'pcma' }, { kind: 'unknown' }, { kind: 'metadata' }],
    transport: 'udp',
  });

  const { verdict, text = '' } = (await examined(url)) ?? {};

  expect(verdict).toBe('good');
  expect(text).toContain('H.264 640×360 at 25 fps');
  expect(text).toContain('sound G.711 A-law');
  expect(text).toContain('over UDP (the camera refuses TCP (461))');
  expect(text).toMatch(
    /0 video H264.*, taken; 1 audio PCMA.*, taken; 2 audio X-ODD.*, not taken; 3 other .*, not taken/,
  );
});

it('says why there is no sound', async () => {
  const { url } = await camera({ tracks: [{ kind: 'h264' }, { kind: 'unknown' }] });

  const { verdict, text } = (await examined(url)) ?? {};

  expect(verdict).toBe('limited');
  expect(text).toMatch(/sound none \(.*X-ODD/);
});

it.each([
  { name: 'a wrong path', options: { statusAt: { DESCRIBE: '404 Not Found' } } },
  { name: 'too many viewers', options: { statusAt: { SETUP: '453 Not Enough Bandwidth' } } },
  {
    name: 'a wrong password',
    options: { auth: { user: 'a', password: 'b', schemes: ['md5'] } },
  },
] as const)('says of $name what a stream says', async ({ options }) => {
  const { url } = await camera(options);
  const error = (await asked(url)) as { readonly code: string; readonly message: string };

  const { verdict, text } = (await examined(url)) ?? {};

  expect(verdict).toBe('broken');
  expect(text).toBe(`${error.code}: ${error.message}`);
});
