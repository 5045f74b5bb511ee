import { createRequire } from 'node:module';
import { DiptychError } from '../../shared/domain/errors.js';
import type { NativeAddon } from './types.js';
import { packagePath } from '../../shared/package-root.js';

const ADDON_PATH = packagePath('native/build/Release/diptych.node');

let addon: NativeAddon | undefined;

/**
 * The native addon, loaded on first use.
 * @throws {@link DiptychError} `DIPTYCH_E_NATIVE` where it is not built, or a library it needs is gone.
 */
export function loadAddon(): NativeAddon {
  try {
    addon ??= createRequire(import.meta.url)(ADDON_PATH) as NativeAddon;
    return addon;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new DiptychError(
      'DIPTYCH_E_NATIVE',
      `the native addon ${ADDON_PATH} could not be loaded (${reason}); build it with: npx node-gyp rebuild -C native`,
      { cause },
    );
  }
}
