import { accessSync, constants } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { DiptychError } from '../shared/domain/errors.js';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
];

/**
 * The system's Chromium, headless, for benchmarks and tests; the caller closes it. `CHROMIUM`
 * names another one.
 * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where there is none.
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? findChromium(),
    headless: true,
    args: [
      // Its sandbox needs a user other than root; pages here are ours.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Containers often have 64 MB of shared memory, too little for video frames.
      '--disable-dev-shm-usage',
      // Video with sound plays without a click, and keeps its pace in a window that nobody sees.
      '--autoplay-policy=no-user-gesture-required',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
      // Candidates with 127.0.0.1, not with a name that only multicast DNS resolves.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  });
}

function findChromium(): string {
  const found = CANDIDATES.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) {
    throw new DiptychError(
      'DIPTYCH_E_NOT_FOUND',
      `there is no Chromium (looked for ${CANDIDATES.join(', ')}); npm test installs it, or set CHROMIUM`,
    );
  }
  return found;
}
