import { createRequire } from 'node:module';
import { DiptychError } from '#domain/errors.js';
import type { Browser } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/**
 * Chromium without a window, for benchmarks.
 * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where Chromium or playwright-core is not installed.
 */
export async function launchChromium(): Promise<Browser> {
  try {
    // A tool of the developers: the product runs without it.
    const { chromium } = createRequire(import.meta.url)('playwright-core') as typeof import('playwright-core');
    return await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  } catch (cause) {
    throw new DiptychError('DIPTYCH_E_NOT_FOUND', 'this benchmark needs Chromium; npm test installs it', { cause });
  }
}
