import { capacityToKeep, type CapacityBenchResult } from '../bench/capacity.js';
import { writeCapacity } from '../shared/capacity/capacity-file.adapter.js';
import { accessFolderOf } from './load-config.adapter.js';

/** Where a gateway looks for what this machine holds. @param file - its configuration; absent: it has none @throws {@link ConfigError} */
export const capacityFolder = (file: string | undefined): Promise<string | undefined> =>
  accessFolderOf({ ...(file !== undefined && { file }), environment: process.env });

/** Keeps what was measured for the gateway. @param folder - absent: the gateway keeps nothing */
export async function keepCapacity(
  result: CapacityBenchResult,
  folder: string | undefined,
  say: (text: string) => void,
): Promise<void> {
  const kept = await capacityToKeep(result, Date.now());
  if (!kept) {
    const { width, height } = result.size;
    say(`nothing is kept: this machine does not hold one stream of ${width}×${height}; try --size 1280x720`);
  } else if (folder === undefined) say('nothing is kept: the configuration says so (state.folder is empty)');
  else say(`${kept.units} units, kept in ${await writeCapacity(folder, kept)}`);
}
