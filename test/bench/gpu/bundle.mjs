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
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ARCHIVES, HERE, ROOT } from './bundle-archives.mjs';
import { mib, say, shell } from './bundle-tools.mjs';

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

/** Packs one archive, unless what it is made of is as it was. */
async function pack(name) {
  const entries = await ARCHIVES[name](options);
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

mkdirSync(OUT, { recursive: true });
for (const name of options.archives.split(',')) {
  if (!(name in ARCHIVES)) throw new Error(`there is no archive ${name}; use ${Object.keys(ARCHIVES).join(', ')}`);
  await pack(name);
}
cpSync(join(HERE, 'run.sh'), join(OUT, 'run.sh'));
