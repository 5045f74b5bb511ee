import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'node:inspector/promises';

/**
 * Samples what the main thread does until the function that it gives is called; the profile is then
 * written as `NAME.cpuprofile` into the folder DIPTYCH_PROFILE. Does nothing without that variable.
 */
export async function profileMainThread(name: string): Promise<() => Promise<void>> {
  const folder = process.env['DIPTYCH_PROFILE'];
  if (!folder) return () => Promise.resolve();
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    writeFileSync(join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
  };
}
