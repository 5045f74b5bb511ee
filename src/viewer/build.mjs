import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const DEFAULT_DIRECTORY = join(dirname(createRequire(import.meta.url).resolve('#package.json')), 'dist/viewer');
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Bundles the page into `directory`: index.html and the few files it loads. */
export async function buildViewer(directory = DEFAULT_DIRECTORY) {
  await mkdir(directory, { recursive: true });
  await build({
    entryPoints: { viewer: here('main.tsx') },
    outdir: directory,
    bundle: true,
    minify: true,
    sourcemap: true,
    format: 'esm',
    target: ['chrome111', 'firefox120', 'safari16'],
    tsconfig: here('tsconfig.json'),
    logLevel: 'warning',
  });
  for (const file of ['index.html', 'favicon.svg']) await copyFile(here(file), `${directory}/${file}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildViewer();
