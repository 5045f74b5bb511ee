import { isSame } from './written-stream.js';
import { isBlock } from '../../shared/is-block.js';

/** Options besides `streams` that differ, such as `http.port`: they take effect with the next start. */
export function settingsThatWait(before: object, after: object): readonly string[] {
  const compare = (old: unknown, now: unknown, path: readonly string[]): string[] => {
    if (isSame(old, now)) return [];
    if (!isBlock(old) || !isBlock(now)) return [path.join('.')];
    return Object.keys({ ...old, ...now }).flatMap((key) => compare(old[key], now[key], [...path, key]));
  };
  return compare({ ...before, streams: [] }, { ...after, streams: [] }, []);
}
