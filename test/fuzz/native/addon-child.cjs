// Calls functions of the addon with what it is told, one line of JSON a batch, and answers each
// batch with one line. A process of its own: what ends it is what the test looks for.
const { createInterface } = require('node:readline');
const [, , addonPath, ...extra] = process.argv;
const addon = require(addonPath);
const { Pipeline } = require(extra[0]);

const GRAPH = 'fuzz';
const LAUNCH =
  'videotestsrc is-live=true name=camera ! video/x-raw,format=I420,width=64,height=64,framerate=5/1 ! ' +
  `diptychsink name=out graph=${GRAPH} diptychsrc name=in graph=${GRAPH} caps="video/x-raw,format=I420,width=64,height=64,framerate=5/1" ! fakesink`;

const pipeline = new Pipeline(LAUNCH);
addon.attachGraph(GRAPH, () => {});
pipeline.play();
const size = { width: 64, height: 64 };
const packed = new Uint8Array((64 * 64 * 3) / 2).fill(128);
let handle = addon.createFrame(size, 'I420', packed);
const dead = addon.createFrame(size, 'I420', packed);
addon.release(dead);

const detached = new Float32Array(3 * 64 * 64);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
const cyclic = {};
cyclic.self = cyclic;
const SPECIAL = {
  undefined: () => undefined,
  NaN: () => NaN,
  infinity: () => Infinity,
  minusInfinity: () => -Infinity,
  minusZero: () => -0,
  bigint: () => 2n ** 64n,
  symbol: () => Symbol('x'),
  function: () => () => {},
  throwing: () => () => {
    throw new Error('thrown by a callback');
  },
  class: () => class {},
  date: () => new Date(NaN),
  regexp: () => /x/,
  promise: () => Promise.resolve(1),
  proxy: () =>
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('thrown by a getter');
        },
      },
    ),
  proxyList: () => new Proxy([], {}),
  sparse: () => {
    const list = [];
    list[100000] = 1;
    return list;
  },
  cyclic: () => cyclic,
  nullPrototype: () => Object.create(null),
  boxed: () => new Number(5),
  buffer: () => Buffer.alloc(10),
  arrayBuffer: () => new ArrayBuffer(8),
  shared: () => new Uint8Array(new SharedArrayBuffer((64 * 64 * 3) / 2)),
  packed: () => packed,
  tensor: () => new Float32Array(3 * 64 * 64),
  doubles: () => new Float64Array(12),
  detached: () => detached,
  huge: () => 'x'.repeat(1_000_000),
  graph: () => GRAPH,
  handle: () => handle,
  dead: () => dead,
};

function decode(value) {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$ === 'string' && Object.hasOwn(SPECIAL, value.$)) return SPECIAL[value.$]();
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decode(each)]));
}

/** Frames that calls have made, so that memory stays level. */
async function settle(result) {
  const value = await result;
  if (typeof value === 'number' && value !== handle) {
    try {
      addon.frameInfo(value);
      addon.release(value);
    } catch {
      // A number that is no frame.
    }
  }
}

async function carryOut([name, args]) {
  const decoded = args.map(decode);
  try {
    await settle(addon[name](...decoded));
    return 'ok';
  } catch (error) {
    return error instanceof Error && error.message.length > 3 ? 'error' : `no error: ${String(error)}`;
  } finally {
    // One call may have given the frame back.
    try {
      addon.frameInfo(handle);
    } catch {
      handle = addon.createFrame(size, 'I420', packed);
    }
  }
}

process.on('uncaughtException', (error) => {
  if (!/thrown by/.test(error.message)) throw error;
});
// As many as there are: attaching or closing the graph would end what the others are tried on.
process.stdout.write(`${JSON.stringify(Object.keys(addon))}\n`);
createInterface({ input: process.stdin }).on('line', (line) => {
  Promise.all(JSON.parse(line).map(carryOut)).then((answers) => process.stdout.write(`${JSON.stringify(answers)}\n`));
});
