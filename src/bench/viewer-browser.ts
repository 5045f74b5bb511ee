import { chromium, type Browser } from 'playwright-core';
import { requireProgram } from '../shared/programs/find-program.adapter.js';

/** How Chromium is launched. */
export interface BrowserOptions {
  /** File with pictures (Motion JPEG) that its camera shows, again and again. @defaultValue it has no camera */
  readonly camera?: string;
  /** Host names that it finds at an address, such as `MAP shop.example 127.0.0.1`. @defaultValue those of the system */
  readonly hostRules?: string;
}

/**
 * The system's Chromium, headless, for benchmarks and tests; the caller closes it. `CHROMIUM`
 * names another one.
 * @throws {@link DiptychError} `DIPTYCH_E_PROGRAM_MISSING` where there is none.
 */
export async function launchChromium({ camera, hostRules }: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: requireProgram('Chromium'),
    headless: true,
    args: [
      // Its sandbox needs a user other than root; pages here are ours.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      ...(hostRules === undefined ? [] : [`--host-resolver-rules=${hostRules}`]),
      ...(camera === undefined
        ? []
        : [
            '--use-fake-device-for-media-stream',
            '--use-fake-ui-for-media-stream',
            `--use-file-for-fake-video-capture=${camera}`,
          ]),
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
