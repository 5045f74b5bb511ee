import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what can be made or fetched again is kept: $XDG_CACHE_HOME/diptych/… or ~/.cache/diptych/… */
export function cacheFolder(name: string): string {
  // An empty or relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification).
  const xdg = process.env['XDG_CACHE_HOME'];
  const base = xdg?.startsWith('/') ? xdg : join(homedir(), '.cache');
  return join(base, 'diptych', name);
}
