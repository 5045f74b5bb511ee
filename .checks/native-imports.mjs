// @ts-check
// Which layer of the native code includes which: node .checks/native-imports.mjs [FOLDER]
//
//   core ← gst  ← napi        core knows no GPU: the CPU is the oracle for CUDA, so it must not depend on it
//   core ← cuda ← ort ← napi  no type of JavaScript is seen below napi
//
// gst and cuda know nothing of each other: what gst needs of device memory it asks of
// core/device_memory.hpp, which cuda implements. Exits with 1 where the folder (native/ by default)
// breaks this, has a circle of includes, or includes a file in another way than by LAYER/FILE.

import { nativeSources, report } from './native-sources.mjs';
import { packagePath } from './package-root.mjs';

/** What each layer may include. @type {Readonly<Record<string, readonly string[]>>} */
const MAY_INCLUDE = {
  core: ['core'],
  gst: ['core', 'gst'],
  cuda: ['core', 'cuda', 'kernels'],
  ort: ['core', 'cuda', 'ort'],
  napi: ['core', 'gst', 'cuda', 'ort', 'napi'],
  kernels: ['kernels'],
};
const NODE_HEADERS = /^(?:napi|node_api|js_native_api|node|v8|uv)\.h$/;

/** @param {string} path @returns {string} e.g. `core` of `src/core/axis.hpp` and of `core/axis.hpp` */
const layerOf = (path) => path.replace(/^src\//, '').split('/')[0] ?? '';

/** @param {string} folder @returns {readonly string[]} one sentence for each violation */
function problemsOf(folder) {
  /** @type {string[]} */
  const problems = [];
  const sources = nativeSources(folder).filter(({ path }) => /^(?:src|kernels)\//.test(path));
  const known = new Set(sources.map(({ path }) => path));
  /** @type {Map<string, string[]>} */
  const includes = new Map();
  for (const { path, text } of sources) {
    const allowed = MAY_INCLUDE[layerOf(path)];
    if (allowed === undefined) {
      problems.push(`${path} lies in no known layer (${Object.keys(MAY_INCLUDE).join(', ')})`);
      continue;
    }
    /** @type {string[]} */
    const own = [];
    includes.set(path, own);
    for (const [, quote, name] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]/gm)) {
      if (name === undefined) continue;
      if (quote === '<') {
        if (NODE_HEADERS.test(name) && layerOf(path) !== 'napi')
          problems.push(`${path} includes <${name}>, which only napi may`);
        continue;
      }
      const target = targetOf(path, name, known);
      if (target === undefined) {
        problems.push(`${path} includes "${name}", which is no file by LAYER/FILE`);
      } else if (allowed.includes(layerOf(target))) {
        own.push(target);
      } else {
        problems.push(`${path} includes "${name}": ${layerOf(path)} may include ${allowed.join(', ')} only`);
      }
    }
  }
  return [...problems, ...circlesOf(includes)];
}

/**
 * Kernels include each other by name alone: NVRTC is given all headers of their folder.
 * @param {string} path @param {string} name @param {ReadonlySet<string>} known
 */
function targetOf(path, name, known) {
  const candidates = layerOf(path) === 'kernels' ? [`kernels/${name}`] : [`src/${name}`, name];
  return candidates.find((candidate) => known.has(candidate));
}

/** @param {ReadonlyMap<string, readonly string[]>} includes @returns {readonly string[]} */
function circlesOf(includes) {
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {string[]} */
  const problems = [];
  /** @param {string} path @param {readonly string[]} way */
  const visit = (path, way) => {
    const begin = way.indexOf(path);
    if (begin >= 0) problems.push(`a circle: ${[...way.slice(begin), path].join(' → ')}`);
    if (begin >= 0 || done.has(path)) return;
    for (const next of includes.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of includes.keys()) visit(path, []);
  return problems;
}

report('native imports', problemsOf(process.argv[2] ?? packagePath('native')));
