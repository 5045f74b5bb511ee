#!/usr/bin/env node
/**
 * Packs all that the GPU benchmark needs on a bare host (Linux x64 with glibc 2.36 or newer, an
 * NVIDIA driver and CUDA's libraries somewhere; no Node, GStreamer or ffmpeg): archives in parts,
 * and `run.sh`, which unpacks what lies beside it and runs. What is as it was is not packed again.
 *
 *   npx tsc -p . && node test/bench/gpu/bundle.mjs --provider DIR [options]
 *
 * --provider DIR     where libonnxruntime_providers_{cuda,shared}.so lie, of onnxruntime-node's version
 * --out DIR          default: out/gpu-bundle
 * --archives A,B,…   which ones: cuda (the provider), base (Node, GStreamer, onnxruntime, packages, models),
 *                    libav (decoders for the CPU), media (scenes of real people), app (this program, RTSP and
 *                    a test camera);
 *                    default: all
 * --only-arch N      keep the provider's kernels for one compute capability (90 is 9.0): a sixth of the size
 * --part-mib N       size of a part, at most; default: 60
 * --extra DIR        files that go along as extra/, in the archive app
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { librariesOf, packagesOf } from './closure.mjs';
import { keepArchitecture } from './fatbin.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(createRequire(import.meta.url).resolve('#package.json'));
const PLUGINS = ['/usr/lib/x86_64-linux-gnu/gstreamer-1.0', '/usr/lib64/gstreamer-1.0'].find((path) =>
  existsSync(path),
);
const SCANNERS = ['/usr/lib/x86_64-linux-gnu/gstreamer1.0/gstreamer-1.0', '/usr/libexec/gstreamer-1.0'];
const FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'diptych');
const ORT = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';

/** GStreamer plugins that the ingest, slate and encode graphs use. */
const BASE_PLUGINS = [
  ...[
    'app',
    'audioconvert',
    'audiomixer',
    'audioparsers',
    'audioresample',
    'audiotestsrc',
    'coreelements',
    'isomp4',
    'matroska',
  ],
  ...['nvcodec', 'pango', 'playback', 'typefindfunctions', 'videoconvertscale', 'videofilter', 'videoparsersbad'],
  ...['opus', 'rtp', 'rtpmanager', 'udp', 'videorate', 'videotestsrc', 'x264'],
];
/** What the graph of an RTSP camera has beside them, and our test camera. */
const CAMERA_PLUGINS = ['alaw', 'jpeg', 'mulaw', 'rtsp', 'tcp'];
const ADDON = join(ROOT, 'native/build/Release/diptych.node');
const TEST_BINDING = 'native/test/binding/build/Release/diptych_test.node';
const TEST_CAMERA = join(ROOT, 'native/test-camera/build/diptych-test-camera');
/** Linked to ffmpeg and never asked for anything here: voices, code books, tables of characters. */
const NEVER_READ = /^lib(icudata|flite_\w+|codec2)\.so/;
/** What is never loaded there: the browsers' side, and what builds. */
const LEFT_OUT = ['mediasoup-client', 'esbuild', 'typescript', 'node-gyp', 'node-addon-api'];
/** In packages: types, sources of what is built, other builds of the same. */
const NOT_RUN =
  /\.(d\.[cm]?ts|ts|map|md|o|cc|cpp|h|gyp|mk|txt)$|\/(tests?|docs|examples|benchmarks?|obj\.target)$|\/(rxjs|zod)\/src$|\/rxjs\/dist\/(bundles|esm5?)$|\/mediasoup\/(worker|rust)$/;
const { values: options } = parseArgs({
  options: {
    provider: { type: 'string' },
    out: { type: 'string', default: join(ROOT, 'out/gpu-bundle') },
    archives: { type: 'string', default: 'cuda,base,libav,media,app' },
    'only-arch': { type: 'string' },
    'part-mib': { type: 'string', default: '60' },
    extra: { type: 'string' },
  },
});
const OUT = resolve(options.out);
const PART_BYTES = Number(options['part-mib']) * 2 ** 20;

/**
 * One file of an archive.
 * @typedef {{ to: string, from: string, prepare?: (file: string) => void, key?: string } | { to: string, text: string }} Entry
 */

/** @type {Record<string, () => Entry[] | Promise<Entry[]>>} */
const ARCHIVES = { cuda: cudaEntries, base: baseEntries, libav: libavEntries, media: mediaEntries, app: appEntries };

function cudaEntries() {
  if (options.provider === undefined) throw new Error('--provider DIR is missing: the folder of the CUDA provider');
  const architecture = options['only-arch'];
  const slim = (file) => {
    if (architecture === undefined) return;
    const bytes = readFileSync(file);
    const { zeroedBytes, keptBytes } = keepArchitecture(bytes, Number(architecture));
    say(`cuda: kernels of compute capability ${architecture}: ${mib(keptBytes)}; others emptied: ${mib(zeroedBytes)}`);
    writeFileSync(file, bytes);
  };
  return ['cuda', 'shared'].map((name) => ({
    to: `${ORT}/libonnxruntime_providers_${name}.so`,
    from: join(options.provider, `libonnxruntime_providers_${name}.so`),
    ...(name === 'cuda' && { prepare: slim, key: architecture ?? 'all' }),
  }));
}

function baseEntries() {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const names = Object.keys(dependencies).filter((name) => !LEFT_OUT.includes(name));
  const packages = packagesOf(ROOT, names).flatMap((folder) => filesIn(folder, isRun));
  const plugins = BASE_PLUGINS.map(pluginFile);
  const scanner = SCANNERS.map((folder) => join(folder, 'gst-plugin-scanner')).find((file) => existsSync(file));
  const addons = packages.filter((file) => file.endsWith('.node') && file.includes('gstreamer-superficial'));
  const libraries = librariesOf([...plugins, scanner, ...addons, ADDON]);
  return [
    { to: 'bin/node', from: process.execPath, prepare: strip },
    ...packages.map((from) => ({ to: relative(ROOT, from), from })),
    ...plugins.map((from) => ({ to: `gst/plugins/${basename(from)}`, from })),
    { to: 'gst/gst-plugin-scanner', from: scanner },
    ...libraryEntries(libraries),
    { to: 'gst/fonts/DejaVuSans.ttf', from: FONT },
    { to: 'gst/fonts.conf', text: FONTS_CONF },
    ...modelFiles().map((from) => ({ to: `cache/diptych/models/${basename(from)}`, from })),
  ];
}

/** What the model store has here, and of DIPTYCH_MODEL_DIR what the manifest names. */
function modelFiles() {
  const { models } = JSON.parse(readFileSync(join(ROOT, 'models/manifest.json'), 'utf8'));
  const folder = process.env['DIPTYCH_MODEL_DIR'];
  const own = folder ? models.map(({ file }) => join(folder, file)).filter((file) => existsSync(file)) : [];
  const kept = filesIn(join(CACHE, 'models'), (path) => path.endsWith('.onnx'));
  return [...own, ...kept.filter((file) => !own.some((other) => basename(other) === basename(file)))];
}

/** ffmpeg's decoders draw in so much that they go by themselves; without them the CPU can't decode. */
function libavEntries() {
  const plugin = pluginFile('libav');
  const known = librariesOf(BASE_PLUGINS.map(pluginFile));
  const own = [...librariesOf([plugin])].filter(([name]) => !known.has(name));
  return [
    { to: `gst/plugins/${basename(plugin)}`, from: plugin },
    ...libraryEntries(new Map(own)).map((entry) =>
      NEVER_READ.test(basename(entry.to)) ? { ...entry, prepare: emptyConstants, key: 'emptied' } : entry,
    ),
  ];
}

/** They are rendered where that was not done before. */
async function mediaEntries() {
  const { benchMedia } = await importSource('media.ts');
  return (await benchMedia()).map((from) => ({ to: `cache/diptych/scenes/${basename(from)}`, from }));
}

async function appEntries() {
  const folder = (path, keep = () => true) =>
    filesIn(join(ROOT, path), keep).map((from) => ({ to: relative(ROOT, from), from }));
  return [
    ...folder('dist', (path) => !/\.(map|tsbuildinfo)$|\/(viewer|logs)$|tsbuildinfo/.test(path)),
    ...folder('native/kernels'),
    ...folder('pipelines'),
    ...folder('models', (path) => !path.endsWith('.onnx')),
    ...folder('config'),
    { to: 'native/build/Release/diptych.node', from: ADDON, prepare: strip },
    { to: TEST_BINDING, from: join(ROOT, TEST_BINDING), prepare: strip },
    ...cameraEntries(),
    { to: 'package.json', from: join(ROOT, 'package.json') },
    { to: 'test/bench/gpu/bench.mjs', text: await bundled('bench.ts', '../../../dist/') },
    ...(options.extra === undefined
      ? []
      : filesIn(resolve(options.extra)).map((from) => ({
          to: `extra/${relative(resolve(options.extra), from)}`,
          from,
        }))),
  ];
}

/**
 * A TypeScript file of this folder, with what it imports from test/, as one module. The program's
 * own modules are taken from dist/, so that worker threads find theirs.
 * @param {string} name @param {string} dist - path or URL of dist/, as the module will say it
 */
async function bundled(name, dist) {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, name)],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    plugins: [
      {
        name: 'own-modules-stay-outside',
        setup: (esbuild) =>
          void esbuild.onResolve({ filter: /^#src\// }, ({ path }) => ({
            path: path.replace('#src/', dist),
            external: true,
          })),
      },
    ],
  });
  return outputFiles[0].text;
}

/** Imports a TypeScript file of this folder that needs no packages. */
async function importSource(name) {
  const text = await bundled(name, pathToFileURL(join(ROOT, 'dist/')).href);
  return import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}

/** RTSP: what receives it, and a camera that sends it; small, so that the archive base stays as it is. */
function cameraEntries() {
  const plugins = CAMERA_PLUGINS.map(pluginFile);
  const known = librariesOf([...BASE_PLUGINS.map(pluginFile), ADDON]);
  const own = [...librariesOf([...plugins, TEST_CAMERA])].filter(([name]) => !known.has(name));
  return [
    ...plugins.map((from) => ({ to: `gst/plugins/${basename(from)}`, from })),
    ...libraryEntries(new Map(own)),
    { to: relative(ROOT, TEST_CAMERA), from: TEST_CAMERA, prepare: strip },
  ];
}

/** Packs one archive, unless what it is made of is as it was. */
async function pack(name) {
  const entries = await ARCHIVES[name]();
  const hash = createHash('sha256').update(`${PART_BYTES}`);
  for (const entry of entries) {
    const of =
      'text' in entry ? entry.text : `${entry.key ?? ''} ${statSync(entry.from).size} ${statSync(entry.from).mtimeMs}`;
    hash.update(`${entry.to} ${of}\n`);
  }
  const digest = hash.digest('hex').slice(0, 16);
  const stampFile = join(OUT, `${name}.stamp`);
  const old = readdirSync(OUT).filter((file) => file.startsWith(`${name}.tar.xz.`));
  const isSame = old.length > 0 && existsSync(stampFile) && readFileSync(stampFile, 'utf8').startsWith(digest);
  if (!isSame) {
    for (const file of old) rmSync(join(OUT, file));
    const begunMs = performance.now();
    const stage = join(OUT, '.stage', name);
    rmSync(stage, { recursive: true, force: true });
    for (const entry of entries) {
      const to = join(stage, entry.to);
      mkdirSync(dirname(to), { recursive: true });
      if ('text' in entry) {
        writeFileSync(to, entry.text);
      } else {
        cpSync(realpathSync(entry.from), to, { preserveTimestamps: true });
        entry.prepare?.(to);
      }
    }
    // The unpacked archive carries its own stamp: run.sh unpacks again only what has changed.
    writeFileSync(join(stage, `${name}.stamp`), digest);
    shell(
      `set -o pipefail; tar -C "$1" --owner=0 --group=0 -cf - . | xz -T2 --x86 --lzma2=preset=6 ` +
        `| split -b ${PART_BYTES} -d - "$2/${name}.tar.xz."`,
      [stage, OUT],
    );
    rmSync(stage, { recursive: true });
    writeFileSync(stampFile, digest);
    say(`${name}: packed in ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
  }
  const parts = readdirSync(OUT).filter((file) => file.startsWith(`${name}.tar.xz.`));
  const sizes = parts.map((file) => mib(statSync(join(OUT, file)).size));
  say(`${name}: ${sizes.join(' + ')}${isSame ? ', as it was' : ''}`);
}

function pluginFile(name) {
  const file = join(PLUGINS ?? '', `libgst${name}.so`);
  if (!existsSync(file)) throw new Error(`the GStreamer plugin ${name} is not installed here (${file})`);
  return file;
}

/** A C++ library that is newer on the host must not be hidden by ours. */
function libraryEntries(libraries) {
  return [...libraries].map(([name, from]) => ({
    to: `${/^lib(stdc\+\+|gcc_s)\./.test(name) ? 'lib-fallback' : 'lib'}/${name}`,
    from,
  }));
}

function filesIn(folder, keep = () => true) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!keep(path)) return [];
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path, keep);
    return [path];
  });
}

function isRun(path) {
  if (path.includes('/onnxruntime-node/bin/')) return !/\/(darwin|win32|arm64)$/.test(path);
  return !NOT_RUN.test(path);
}

/** Overwrites a library's constants with zeros, so that it can be loaded and weighs nothing. */
function emptyConstants(file) {
  const { stdout } = spawnSync('readelf', ['-SW', file], { encoding: 'utf8' });
  const [, offset, size] = /\s\.rodata\s+PROGBITS\s+[0-9a-f]+\s+([0-9a-f]+)\s+([0-9a-f]+)/.exec(stdout) ?? [];
  if (offset === undefined) return;
  const bytes = readFileSync(file);
  const start = Number.parseInt(offset, 16);
  bytes.fill(0, start, start + Number.parseInt(size, 16));
  writeFileSync(file, bytes);
}

function strip(file) {
  shell('strip "$1" || true', [file]);
}

function shell(script, args) {
  const { status } = spawnSync('bash', ['-c', script, 'bash', ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`failed: ${script}`);
}

const say = (line) => process.stdout.write(`${line}\n`);
const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
`;

mkdirSync(OUT, { recursive: true });
for (const name of options.archives.split(',')) {
  if (!(name in ARCHIVES)) throw new Error(`there is no archive ${name}; use ${Object.keys(ARCHIVES).join(', ')}`);
  await pack(name);
}
cpSync(join(HERE, 'run.sh'), join(OUT, 'run.sh'));
