// @ts-check
// Builds mediasoup's worker from the sources in its npm package, with the system's libraries in
// the place of the ones it would download.
//
//   node build.mjs NODE_MODULES/mediasoup OUTPUT_FILE

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeUnits } from './units.mjs';

/** Debian's and Ubuntu's names of what the build needs, beside a compiler. */
export const WORKER_BUILD_PACKAGES = [
  'pkg-config',
  'meson',
  'ninja-build',
  'libssl-dev',
  'libuv1-dev',
  'libsrtp2-dev',
  'libabsl-dev',
  'flatbuffers-compiler',
  'libflatbuffers-dev',
];

/** What a compiler needs at most; fewer run at a time where there is less for each. */
const JOB_MEMORY_BYTES = 0.9e9;

const REPLACEMENTS = fileURLToPath(new URL('subprojects', import.meta.url));
const REPLACED = ['libuv', 'openssl', 'flatbuffers', 'abseil-cpp', 'unordered-dense', 'libsrtp3'];

/**
 * Changes to mediasoup's own files: [file, what stands there, what takes its place].
 * @type {readonly (readonly [string, string, string])[]}
 */
const EDITS = [
  // Debian 12 has meson 1.0.1; nothing of 1.1 is used.
  ['meson.build', "meson_version: '>= 1.1.0'", "meson_version: '>= 1.0.0'"],
  // The callback says yes to every question that OpenSSL asks its output. One of the questions of
  // an OpenSSL with kernel TLS (Debian's and Ubuntu's have it) is whether the kernel encrypts, and
  // with a wrong yes the first DTLS packet ends the worker. That one is answered truthfully.
  ['src/RTC/DtlsTransport.cpp', 'int /*argi*/,', 'int argi,'],
  [
    'src/RTC/DtlsTransport.cpp',
    'const long resultOfcallback = (operationType == BIO_CB_RETURN) ?',
    'const bool isKernelTlsAnswer = operationType == (BIO_CB_CTRL | BIO_CB_RETURN) && argi == BIO_CTRL_GET_KTLS_SEND;\n' +
      '\tconst long resultOfcallback = (operationType == BIO_CB_RETURN || isKernelTlsAnswer) ?',
  ],
];

/**
 * @param {string} mediasoup folder of the npm package; it is not changed
 * @param {string} output path of the executable
 */
export function buildWorker(mediasoup, output) {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-mediasoup-'));
  try {
    const source = join(folder, 'worker');
    cpSync(join(mediasoup, 'worker'), source, {
      recursive: true,
      filter: (path) => !/\/worker\/(out|prebuild)$/.test(path),
    });
    for (const name of REPLACED) {
      const wrap = readFileSync(join(source, 'subprojects', `${name}.wrap`), 'utf8');
      const directory = /^directory\s*=\s*(\S+)/m.exec(wrap)?.[1];
      if (directory === undefined) throw new Error(`${name}.wrap names no directory`);
      cpSync(join(REPLACEMENTS, name), join(source, 'subprojects', directory), { recursive: true });
    }
    for (const [file, before, after] of EDITS) replaceOnce(join(source, file), before, after);
    writeUnits(source);

    const build = join(folder, 'build');
    run('meson', ['setup', build, source, '--buildtype=release', '-Db_ndebug=true', '--wrap-mode=nodownload']);
    const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / JOB_MEMORY_BYTES)));
    // One command makes all headers of the protocol. libwebrtc includes them and does not say so: built at the same time,
    // it may find only some of them.
    run('ninja', ['-C', build, 'fbs/FBS/transport.h']);
    run('ninja', ['-C', build, `-j${jobs}`, 'mediasoup-worker']);
    mkdirSync(dirname(output), { recursive: true });
    const part = `${output}.${process.pid}.part`;
    execFileSync('strip', ['-o', part, join(build, 'mediasoup-worker')]);
    chmodSync(part, 0o755);
    renameSync(part, output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file @param {string} before @param {string} after */
function replaceOnce(file, before, after) {
  const text = readFileSync(file, 'utf8');
  if (text.split(before).length !== 2) throw new Error(`${file} is not as expected: ${before}`);
  writeFileSync(
    file,
    text.replace(before, () => after),
  );
}

/** @param {string} command @param {readonly string[]} parameters */
function run(command, parameters) {
  const { status, error } = spawnSync(command, parameters, { stdio: 'inherit' });
  if (error !== undefined) throw new Error(`${command} could not be run: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mediasoup, output] = process.argv.slice(2);
  if (mediasoup === undefined || output === undefined) {
    process.stderr.write('usage: node build.mjs NODE_MODULES/mediasoup OUTPUT_FILE\n');
    process.exitCode = 2;
  } else {
    buildWorker(mediasoup, output);
  }
}
