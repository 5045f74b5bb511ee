/** How to find a program, and what brings it where it is missing. */
interface Program {
  /** Names of the executable, best first; distributions differ. */
  readonly executables: readonly string[];
  /** The Debian package. */
  readonly debianPackage: string;
  /** Environment variable that names another executable. */
  readonly variable?: string;
}

/** Every program of other projects that is started, by the name that messages use. */
export const PROGRAMS = {
  ffmpeg: { executables: ['ffmpeg'], debianPackage: 'ffmpeg' },
  nginx: { executables: ['nginx'], debianPackage: 'nginx-light' },
  turnserver: { executables: ['turnserver'], debianPackage: 'coturn' },
  'gst-launch-1.0': { executables: ['gst-launch-1.0'], debianPackage: 'gstreamer1.0-tools' },
  'nvidia-smi': { executables: ['nvidia-smi'], debianPackage: 'nvidia-smi' },
  ldconfig: { executables: ['ldconfig'], debianPackage: 'libc-bin' },
  npm: { executables: ['npm'], debianPackage: 'npm' },
  tar: { executables: ['tar'], debianPackage: 'tar' },
  Chromium: {
    executables: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debianPackage: 'chromium',
    variable: 'CHROMIUM',
  },
} as const satisfies Readonly<Record<string, Program>>;

/** A key of {@link PROGRAMS}. */
export type ProgramName = keyof typeof PROGRAMS;

/**
 * Folders that are searched after those of PATH: servers and system tools lie in `sbin`, which is
 * often not on a user's PATH; snaps have a folder of their own.
 */
export const EXTRA_FOLDERS: readonly string[] = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/snap/bin'];

/**
 * One sentence for each program that is not installed, joined: what was looked for, and how it is
 * installed.
 *
 * @param names - at least one
 */
export function describeMissing(names: readonly ProgramName[]): string {
  const variables = names.flatMap((name) => {
    const { variable }: Program = PROGRAMS[name];
    return variable === undefined ? [] : [`or set ${variable} to the path of ${name}`];
  });
  const packages = names.map((name) => PROGRAMS[name].debianPackage);
  const is = names.length === 1 ? 'is' : 'are';
  const advice = [
    `apt-get install ${packages.join(' ')} (Debian's name${packages.length === 1 ? '' : 's'})`,
    ...variables,
  ];
  return `${names.join(' and ')} ${is} not installed; ${advice.join(', ')}`;
}
