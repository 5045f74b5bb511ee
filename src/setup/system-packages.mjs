// @ts-check
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, SetupError, step } from './progress.mjs';

/** @typedef {'demo' | 'test' | 'start'} Purpose */

/** What runs it; the rest builds it. */
export const RUN = [
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-plugins-ugly',
  'gstreamer1.0-libav',
  // TLS for rtsps and rtmps.
  'glib-networking',
  // Text on the slate, and a font for it.
  'gstreamer1.0-x',
  'fonts-dejavu-core',
];
const BUILD = [
  'g++',
  'make',
  'pkg-config',
  'python3',
  'libgstreamer1.0-dev',
  'libgstreamer-plugins-base1.0-dev',
  'libyuv-dev',
];
const CAMERA = ['libgstrtspserver-1.0-dev', 'ffmpeg'];
const TEST = [
  'gstreamer1.0-tools',
  'nginx-light',
  'libnginx-mod-rtmp',
  'coturn',
  'valgrind',
  'systemd',
  // GStreamer's webrtcbin as a client of WHIP and WHEP.
  'gstreamer1.0-nice',
  'python3-gi',
  'gir1.2-gst-plugins-bad-1.0',
  // Several hosts: claims and fences are tried on a real etcd.
  'etcd-server',
  'etcd-client',
];
/** Ubuntu's package of that name only asks for a snap; any Chromium or Chrome will do. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Installing a server must not start it: nobody asked for a web server on port 80. */
const INSTALL_SCRIPT = `
renew=$1; shift
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' >"$policy" && chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
[ "$renew" = no ] || apt-get update -q || echo 'the package lists could not be renewed; trying with the old ones'
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
`;

/** @param {Purpose} purpose @returns {readonly string[]} */
export function packagesFor(purpose) {
  const camera = purpose === 'start' ? [] : CAMERA;
  const test = purpose === 'test' ? [...TEST, ...(BROWSERS.some(isOnPath) ? [] : [browserPackage()])] : [];
  return [...BUILD, ...RUN, ...camera, ...test];
}

/** Whether this process has fetched apt's lists already. */
let areListsFresh = false;

/**
 * Finds out what is missing and, where a password is needed for it, asks for that.
 * @param {readonly string[]} packages
 * @param {string} log
 * @returns {() => Promise<void>} installs it with apt
 * @throws {SetupError} on a system without apt, which says what is needed, and without root's rights
 */
export function planPackages(packages, log) {
  const nothing = () => Promise.resolve();
  if (process.env['DIPTYCH_SKIP_PACKAGES'] === '1') return nothing;
  if (!isOnPath('dpkg-query') || !isOnPath('apt-get')) {
    throw new SetupError(
      `this system has no apt: install what ${systemName()} calls these Debian packages, ` +
        `then run this again with DIPTYCH_SKIP_PACKAGES=1: ${packages.join(' ')}`,
      { exitCode: 2 },
    );
  }
  const installed = installedPackages(packages);
  const missing = packages.filter((name) => !installed.has(name));
  if (missing.length === 0) return nothing;
  const [command, ...before] = asRoot(missing);
  return () =>
    step('system packages', async (say) => {
      const renew = areListsFresh ? 'no' : 'yes';
      await run(command, [...before, 'sh', '-c', INSTALL_SCRIPT, 'sh', renew, ...missing], {
        log,
        say,
        advice:
          'check the network (behind a proxy set http_proxy and https_proxy), ' +
          `or install them yourself: apt-get install ${missing.join(' ')}`,
      });
      areListsFresh = true;
    });
}

/** @param {readonly string[]} missing @returns {[string, ...string[]]} */
function asRoot(missing) {
  if (process.getuid?.() === 0) return ['env'];
  const byHand = `as root: apt-get install ${missing.join(' ')}`;
  if (!isOnPath('sudo')) throw new SetupError(`system packages are missing and there is no sudo; run ${byHand}`);
  process.stdout.write(`asking sudo for ${missing.length} system packages: ${missing.join(' ')}\n`);
  if (spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status !== 0) {
    throw new SetupError(`sudo said no; run ${byHand}`);
  }
  return ['sudo', '--preserve-env=http_proxy,https_proxy,no_proxy,HTTP_PROXY,HTTPS_PROXY,NO_PROXY'];
}

/** @param {readonly string[]} packages @returns {ReadonlySet<string>} */
function installedPackages(packages) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status} ${Provides}\\n', ...packages], {
    encoding: 'utf8',
  });
  const installed = stdout.split('\n').map((line) => line.split(' '));
  return new Set(installed.flatMap(([name, status]) => (name !== undefined && status === 'installed' ? [name] : [])));
}

/** @param {string} command */
function isOnPath(command) {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function browserPackage() {
  return systemRelease()['ID'] === 'ubuntu' ? 'chromium-browser' : 'chromium';
}

/** Name and version, to tell builds against one system's libraries from those against another's. */
export function systemName() {
  const release = systemRelease();
  return `${release['ID'] ?? process.platform}${release['VERSION_ID'] ?? ''}`;
}

/** @returns {Readonly<Record<string, string>>} */
function systemRelease() {
  try {
    const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
    return Object.fromEntries(
      lines.map((line) => line.split('=')).map(([key, value = '']) => [key, value.replace(/"/g, '')]),
    );
  } catch {
    return {};
  }
}

/** @param {readonly string[]} names pkg-config's names */
export function pkgConfigFlags(names) {
  try {
    return execFileSync('pkg-config', ['--cflags', '--libs', ...names], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
  } catch {
    throw new SetupError(`pkg-config does not know ${names.join(', ')}; install their development packages`);
  }
}
