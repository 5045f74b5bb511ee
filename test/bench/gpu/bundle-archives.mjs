/** What goes into each archive of the bundle: lists of files, and where each lies on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { mib, say, shell } from './bundle-tools.mjs';
import { librariesOf, packagesOf } from './closure.mjs';
import { keepArchitecture } from './fatbin.mjs';

export const HERE = dirname(fileURLToPath(import.meta.url));
export const ROOT = dirname(createRequire(import.meta.url).resolve('#package.json'));
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
    'deinterlace',
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
const MEDIA_WORKER = join(ROOT, 'node_modules/mediasoup/worker/out/Release/mediasoup-worker');
/** NSS, whose ciphers SRTP has in Debian, opens these when it begins. */
const CIPHERS = ['softokn3', 'freebl3', 'freeblpriv3'].map((name) => `/usr/lib/x86_64-linux-gnu/lib${name}.so`);
const TEST_CAMERA = join(ROOT, 'native/test-camera/build/diptych-test-camera');
/** Linked to ffmpeg and never asked for anything here: voices, code books, tables of characters. */
const NEVER_READ = /^lib(icudata|flite_\w+|codec2)\.so/;
/** What is never loaded there: what builds. */
const LEFT_OUT = ['esbuild', 'typescript', 'node-gyp', 'node-addon-api'];
/** In packages: types, sources of what is built, other builds of the same. */
const NOT_RUN =
  /\.(d\.[cm]?ts|ts|map|md|o|cc|cpp|h|gyp|mk|txt)$|\/(tests?|docs|examples|benchmarks?|obj\.target)$|\/(rxjs|zod)\/src$|\/rxjs\/dist\/(bundles|esm5?)$|\/mediasoup\/(worker|rust)$/;

const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
`;

/**
 * One file of an archive.
 * @typedef {{ to: string, from: string, prepare?: (file: string) => void, key?: string } | { to: string, text: string }} Entry
 */

/**
 * By name; each gets the options `provider`, `only-arch` and `extra` of bundle.mjs.
 * @type {Record<string, (options: Record<string, string | undefined>) => Entry[] | Promise<Entry[]>>}
 */
export const ARCHIVES = {
  cuda: cudaEntries,
  base: baseEntries,
  libav: libavEntries,
  media: mediaEntries,
  app: appEntries,
};

/** The provider, from the folder `provider`; slim where one compute capability is asked for. */
function cudaEntries({ provider, 'only-arch': architecture }) {
  if (provider === undefined) throw new Error('--provider DIR is missing: the folder of the CUDA provider');
  const slim = (file) => {
    if (architecture === undefined) return;
    const bytes = readFileSync(file);
    const { zeroedBytes, keptBytes } = keepArchitecture(bytes, Number(architecture));
    say(`cuda: kernels of compute capability ${architecture}: ${mib(keptBytes)}; others emptied: ${mib(zeroedBytes)}`);
    writeFileSync(file, bytes);
  };
  return ['cuda', 'shared'].map((name) => ({
    to: `${ORT}/libonnxruntime_providers_${name}.so`,
    from: join(provider, `libonnxruntime_providers_${name}.so`),
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

/** What the model store has here but for what it makes by itself, and of DIPTYCH_MODEL_DIR what the manifest names. */
function modelFiles() {
  const { models } = JSON.parse(readFileSync(join(ROOT, 'models/manifest.json'), 'utf8'));
  const folder = process.env['DIPTYCH_MODEL_DIR'];
  const own = folder ? models.map(({ file }) => join(folder, file)).filter((file) => existsSync(file)) : [];
  const kept = filesIn(join(CACHE, 'models'), (path) => /(?<!\.batch)\.onnx$/.test(path));
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

async function appEntries({ extra }) {
  const folder = (path, keep = () => true) =>
    filesIn(join(ROOT, path), keep).map((from) => ({ to: relative(ROOT, from), from }));
  return [
    ...folder('dist', (path) => !/\.(map|tsbuildinfo)$|\/logs$|tsbuildinfo/.test(path)),
    ...folder('native/kernels'),
    ...folder('pipelines'),
    ...folder('models', (path) => !path.endsWith('.onnx')),
    ...folder('config'),
    { to: 'native/build/Release/diptych.node', from: ADDON, prepare: strip },
    ...folder('native/build/Release', (path) => path.endsWith('libnvidia-encode.so.1')),
    { to: TEST_BINDING, from: join(ROOT, TEST_BINDING), prepare: strip },
    ...cameraEntries(),
    { to: 'package.json', from: join(ROOT, 'package.json') },
    { to: 'test/bench/gpu/bench.mjs', text: await bundled('bench.ts', '../../../dist/') },
    ...(extra === undefined
      ? []
      : filesIn(resolve(extra)).map((from) => ({
          to: `extra/${relative(resolve(extra), from)}`,
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

/** RTSP: what receives it, a camera that sends it, and the worker for browsers; small, so that the archive base stays as it is. */
function cameraEntries() {
  const plugins = CAMERA_PLUGINS.map(pluginFile);
  const known = librariesOf([...BASE_PLUGINS.map(pluginFile), ADDON]);
  const own = [...librariesOf([...plugins, TEST_CAMERA, MEDIA_WORKER, ...CIPHERS])].filter(
    ([name]) => !known.has(name),
  );
  return [
    ...plugins.map((from) => ({ to: `gst/plugins/${basename(from)}`, from })),
    ...libraryEntries(new Map(own)),
    { to: relative(ROOT, TEST_CAMERA), from: TEST_CAMERA, prepare: strip },
    { to: 'bin/mediasoup-worker', from: MEDIA_WORKER, prepare: strip },
    ...CIPHERS.map((from) => ({ to: `lib/${basename(from)}`, from })),
  ];
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
