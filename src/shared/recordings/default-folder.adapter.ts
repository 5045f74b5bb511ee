import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where recordings are kept unless `recordings.folder` says otherwise: $XDG_DATA_HOME/diptych/recordings or ~/.local/share/… */
export const defaultRecordingsFolder = (): string => join(defaultDataFolder(), 'recordings');

/** Where this user's data of Diptych is kept that has no folder of its own: $XDG_DATA_HOME/diptych or ~/.local/share/diptych */
export function defaultDataFolder(): string {
  // An empty or relative XDG_DATA_HOME is to be ignored (XDG Base Directory Specification).
  const xdg = process.env['XDG_DATA_HOME'];
  const base = xdg?.startsWith('/') ? xdg : join(homedir(), '.local', 'share');
  return join(base, 'diptych');
}
