import type { NativeAddon } from './types.js';
import { packagePath } from '../../shared/package-root.js';
import { loadCompiled } from './load-compiled.js';

const ADDON_PATH = packagePath('native/build/Release/diptych.node');

let addon: NativeAddon | undefined;

/**
 * The native addon, loaded on first use.
 * @throws DiptychError `DIPTYCH_E_NATIVE` where it is not built, or a library it needs is gone.
 */
export function loadAddon(): NativeAddon {
  addon ??= loadCompiled('native addon', ADDON_PATH) as NativeAddon;
  return addon;
}
