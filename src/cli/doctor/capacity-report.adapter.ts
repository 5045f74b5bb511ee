import { readCapacity, readHardware } from '../../shared/capacity/capacity-file.adapter.js';
import { capacityOf } from '../../shared/capacity/kept-capacity.js';
import { packageVersion } from '../../shared/package-version.adapter.js';
import type { Finding } from './finding.js';

/** How much this machine holds, and whether that was measured. @param folder - where it is kept; absent where it is not */
export async function examineCapacity(folder: string | undefined): Promise<Finding> {
  const machine = { hardware: await readHardware(), version: packageVersion(), nowMs: Date.now() };
  const { units, isMeasured, origin, advice } = capacityOf(await readCapacity(folder), machine);
  return {
    area: 'capacity',
    verdict: isMeasured && advice === undefined ? 'good' : 'limited',
    text: `${units} streams of 1920×1080 at 30 pictures a second, ${origin}`,
    ...(advice !== undefined && { advice }),
  };
}
