import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packagePath } from '#src/shared/package-root.js';
import { fuzz } from '../harness/fuzz.js';
import { anyNumber, anyText } from '../harness/junk.js';

const PAGE_BYTES = 4096;
/** They end what the other calls are tried on. */
const LEFT_OUT = new Set(['closeGraph', 'endSource', 'sendEos']);

/** The process that makes the calls. It is started again for the next input once one has ended it. */
class Caller {
  readonly child: ChildProcess;
  readonly names: Promise<readonly string[]>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<string>;
  #log = '';

  constructor() {
    const paths = [
      packagePath('native/build/Release/diptych.node'),
      createRequire(import.meta.url).resolve('gstreamer-superficial'),
    ];
    const program = fileURLToPath(new URL('addon-child.cjs', import.meta.url));
    this.child = spawn(process.execPath, [program, ...paths], { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = this.child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
    stdin.on('error', () => undefined);
    stderr.on('data', (part: Buffer) => (this.#log = (this.#log + part.toString()).slice(-2000)));
    this.#ended = once(this.child, 'exit').then(([code, signal]) => `${String(signal ?? code)} ${this.#log}`);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    this.names = this.#answer().then((list) => list.filter((name) => !LEFT_OUT.has(name)));
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  carryOut(calls: readonly Call[]): Promise<readonly string[]> {
    // Node 24 ends lines at U+2028 and U+2029 as well, which JSON leaves in strings as they are.
    const line = JSON.stringify(calls).replace(
      /[\u2028\u2029]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16)}`,
    );
    this.child.stdin?.write(`${line}\n`);
    return this.#answer();
  }

  async #answer(): Promise<readonly string[]> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`the process ended: ${await this.#ended}`);
    return JSON.parse(line.value) as string[];
  }
}

let caller: Caller;
let names: readonly string[];

beforeAll(async () => {
  caller = new Caller();
  names = await caller.names;
});

afterAll(() => caller.child.kill('SIGKILL'));

const special = fc
  .constantFrom(
    'undefined',
    'NaN',
    'infinity',
    'minusInfinity',
    'minusZero',
    'bigint',
    'symbol',
    'function',
    'throwing',
    'class',
    'date',
    'regexp',
    'promise',
    'proxy',
    'proxyList',
    'sparse',
    'cyclic',
    'nullPrototype',
    'boxed',
    'buffer',
    'arrayBuffer',
    'shared',
    'packed',
    'tensor',
    'doubles',
    'detached',
    'huge',
    'graph',
    'handle',
    'dead',
  )
  .map((name) => ({ $: name }));
const word = fc.constantFrom(
  'out',
  'in',
  'camera',
  'I420',
  'NV12',
  'P010_10LE',
  'RGB',
  'BGR',
  'nchw',
  'nhwc',
  'system',
  'cuda',
  'frame',
  'pattern',
  'is-live',
  'caps',
  'fakesink',
  'cpu',
);
const leaf = fc.oneof(special, anyNumber, anyText, fc.boolean(), fc.constant(null), word);

const box = fc.record({ x: anyNumber, y: anyNumber, width: anyNumber, height: anyNumber });
const smallBox = fc.record({
  x: fc.integer({ min: -64, max: 64 }),
  y: fc.integer({ min: -64, max: 64 }),
  width: fc.integer({ min: 1, max: 128 }),
  height: fc.integer({ min: 1, max: 128 }),
});
const size = fc.oneof(
  fc.constant({ width: 64, height: 64 }),
  fc.record({ width: fc.integer({ min: -2, max: 600 }), height: fc.integer({ min: -2, max: 600 }) }),
  box,
);
const handle = fc.oneof({ weight: 5, arbitrary: fc.constant({ $: 'handle' }) }, leaf);
const region = fc.oneof(
  fc.record({
    frame: handle,
    crop: fc.oneof(smallBox, box, leaf),
    dest: fc.oneof(smallBox, box, leaf),
    alpha: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), leaf),
  }),
  fc.record({
    colour: fc.oneof(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), leaf),
    radii: fc.oneof(fc.tuple(fc.nat(1024), fc.nat(1024), fc.nat(1024), fc.nat(1024)), fc.constant(undefined), leaf),
    dest: fc.oneof(smallBox, leaf),
    alpha: fc.constant(1),
  }),
  leaf,
);
const tensorOptions = fc.record(
  {
    width: fc.oneof(fc.constant(64), leaf),
    height: fc.oneof(fc.constant(64), leaf),
    channels: fc.constantFrom('RGB', 'BGR', 'x'),
    order: fc.constantFrom('nchw', 'nhwc', 'x'),
    mean: fc.oneof(fc.constant(0), leaf),
    scale: fc.oneof(fc.constant(1), leaf),
    pad: fc.oneof(fc.constant(0), leaf),
    crop: fc.oneof(smallBox, box, leaf),
  },
  { requiredKeys: ['width', 'height', 'channels', 'order', 'mean', 'scale', 'pad'] },
);
const end = fc.record({ graphId: fc.oneof(fc.constant({ $: 'graph' }), leaf), element: fc.oneof(word, leaf) });

const anyArgument = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.oneof(word, anyText), leaf, { maxKeys: 6 }) },
  { weight: 2, arbitrary: fc.oneof(size, tensorOptions, end, region, fc.array(region, { maxLength: 6 })) },
);

/** A function, and its arguments as addon-child.cjs reads them. */
type Call = readonly [name: string, args: readonly unknown[]];

/** Calls whose arguments are nearly right, besides those with any. */
const nearly: Readonly<Record<string, fc.Arbitrary<readonly unknown[]>>> = {
  compose: fc.tuple(size, fc.oneof(fc.array(region, { maxLength: 6 }), leaf)),
  letterbox: fc.tuple(handle, fc.oneof(tensorOptions, leaf), fc.oneof(fc.constant({ $: 'tensor' }), leaf)),
  warpAffine: fc.tuple(
    handle,
    fc.oneof(fc.array(anyNumber, { minLength: 6, maxLength: 6 }), leaf),
    tensorOptions,
    fc.constant({ $: 'tensor' }),
  ),
  encodeJpeg: fc.tuple(handle, fc.oneof(fc.integer({ min: -5, max: 105 }), leaf)),
  createFrame: fc.tuple(size, fc.oneof(word, leaf), fc.oneof(fc.constant({ $: 'packed' }), leaf)),
  pushFrame: fc.tuple(
    fc.constant({ $: 'graph' }),
    fc.oneof(fc.constant('in'), leaf),
    handle,
    fc.oneof(anyNumber, leaf),
  ),
  link: fc.tuple(
    end,
    end,
    fc.record({ maxQueueMs: fc.oneof(anyNumber, leaf), startOnKeyframe: fc.oneof(fc.boolean(), leaf) }),
  ),
  setProperty: fc.tuple(fc.constant({ $: 'graph' }), fc.oneof(word, leaf), fc.oneof(word, leaf), leaf),
  getProperty: fc.tuple(fc.constant({ $: 'graph' }), fc.oneof(word, leaf), fc.oneof(word, leaf)),
};

const call = fc
  .tuple(fc.nat(), fc.array(anyArgument, { maxLength: 5 }), fc.record(nearly), fc.boolean())
  .map(([index, args, right, isNearly]): Call => {
    const name = names[index % names.length] ?? '';
    return [name, isNearly ? (right[name] ?? args) : args];
  });

it('every function of the addon takes any argument, or throws an Error that says what is wrong', () =>
  fuzz({
    name: 'addon',
    usually: 300,
    memory: () => PAGE_BYTES * Number(readFileSync(`/proc/${caller.child.pid}/statm`, 'utf8').split(' ')[1]),
    inputs: fc.array(call, { minLength: 1, maxLength: 20 }),
    check: async (calls) => {
      if (!caller.isAlive) {
        caller = new Caller();
        await caller.names;
      }

      const answers = await caller.carryOut(calls);

      expect(answers).toHaveLength(calls.length);
      expect(answers.filter((answer) => answer !== 'ok' && answer !== 'error')).toEqual([]);
    },
  }));
