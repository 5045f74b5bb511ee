import { chromium, type Browser } from 'playwright-core';
import { DiptychError } from '#domain/errors.js';

const EXECUTABLE = process.env['DIPTYCH_CHROMIUM'] ?? '/usr/bin/chromium';
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
 * Chromium of the distribution without a screen, a GPU, or a word to anyone outside; for
 * benchmarks and tests.
 * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where it is not installed.
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS }).catch((cause: unknown) => {
    throw new DiptychError('DIPTYCH_E_NOT_FOUND', `${EXECUTABLE} did not start; npm test installs Chromium`, { cause });
  });
}
