import { readdir } from 'node:fs/promises';
import type { NativeAddon } from '../../stream/native/types.js';
import { describeModes } from '../../stream/stages/ingest/v4l2-mode.js';
import type { Finding } from './finding.js';

const FOLDER = '/dev';
const DEVICE = /^video\d+$/;
/** What is no camera, but has a file as cameras do. */
const NO_CAMERA: ReadonlySet<string> = new Set(['not-capture', 'not-video']);
const FORBIDDEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** The cameras of this machine (V4L2), each with what it offers. */
export async function examineDevices(addon: Pick<NativeAddon, 'examineDevice'>): Promise<readonly Finding[]> {
  const names = await readdir(FOLDER).catch(() => []);
  const paths = names.filter((name) => DEVICE.test(name)).map((name) => `${FOLDER}/${name}`);
  const found = await Promise.all(paths.map(async (path) => ({ path, ...(await addon.examineDevice(path)) })));
  const cameras = found.filter(({ problem }) => problem === undefined || !NO_CAMERA.has(problem));
  if (cameras.length === 0) return [{ area: 'devices', verdict: 'good', text: 'no V4L2 camera in this machine' }];
  return cameras.map(({ path, name, modes, problem }) => ({
    area: 'devices',
    verdict: problem === undefined ? 'good' : 'limited',
    text:
      problem === undefined
        ? `v4l2:${path} ${name}: ${describeModes(modes)}`
        : `v4l2:${path} cannot be opened (${problem})`,
    ...(problem !== undefined &&
      FORBIDDEN.has(problem) && { advice: 'put this user into the group video, and log in again' }),
  }));
}
