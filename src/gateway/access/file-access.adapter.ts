import { realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * Whether a file lies below one of the folders, also once links are followed. Of what lies elsewhere nothing is found
 * out, not even whether it is there.
 *
 * @param folders - absolute paths
 */
export function isBelow(file: string, folders: readonly string[]): boolean {
  const wanted = path.resolve(file);
  return folders.some(
    (folder) => contains(path.resolve(folder), wanted) && contains(realPath(folder), realPath(wanted)),
  );
}

const contains = (folder: string, file: string): boolean => {
  const relative = path.relative(folder, file);
  return relative !== '' && relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
};

/** Where a path leads; of one that is not there, where the part of it leads that is. */
function realPath(file: string): string {
  const missing: string[] = [];
  for (let there = path.resolve(file); ; there = path.dirname(there)) {
    try {
      return path.join(realpathSync(there), ...missing);
    } catch {
      if (there === path.dirname(there)) return file;
      missing.unshift(path.basename(there));
    }
  }
}
