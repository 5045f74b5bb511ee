import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { DiptychError } from '#domain/errors.js';
import type { NativeAddon } from './types.js';

const ADDON_PATH = fileURLToPath(new URL('../../native/build/Release/diptych.node', import.meta.url));

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
