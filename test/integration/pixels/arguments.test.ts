import { afterAll, describe, expect, it } from 'vitest';
import type { LetterboxOptions } from '#src/stream/native/types.js';
import { addon, packed, plainPicture } from './pictures.js';

const size = { width: 32, height: 32 };
const box = { x: 0, y: 0, ...size };
const data = packed(plainPicture(size, [16, 128, 128]), 'I420');
const frame = addon.createFrame(size, 'I420', data);
const dead = addon.createFrame(size, 'I420', data);
addon.release(dead);

afterAll(() => {
  addon.release(frame);
  expect(addon.liveFrames()).toBe(0);
});

type Loose = (...args: unknown[]) => unknown;
const call =
  (name: 'compose' | 'letterbox' | 'warpAffine' | 'sharpness' | 'encodeJpeg', ...args: unknown[]): (() => unknown) =>
  () =>
    (addon[name] as Loose)(...args);

const expectTypeError = (action: () => unknown, message: string): void => {
  expect(action).toThrow(TypeError);
  expect(action).toThrow(new RegExp(`^${message.replace(/[.[\]()*+?^$|\\]/g, '\\$&')}$`));
};

describe('compose', () => {
  const region = (change: object): object => ({ frame, crop: box, dest: box, alpha: 1, ...change });
  it.each<[string, unknown[], string]>([
    ['no arguments', [], 'output: expected an object, got undefined'],
    ['an odd output', [{ width: 33, height: 32 }, []], 'output.width: expected an even number from 2 to 8192, got 33'],
    [
      'an endless output',
      [{ width: 32, height: Infinity }, []],
      'output.height: expected an even number from 2 to 8192, got Infinity',
    ],
    ['regions that are no array', [size, {}], 'regions: expected an array of regions, got an object'],
    ['a region that is no object', [size, [null]], 'regions[0]: expected an object, got null'],
    [
      'a crop without width',
      [size, [region({ crop: { x: 0, y: 0, height: 2 } })]],
      'regions[0].crop.width: expected a number above 0, at most 32768, got undefined',
    ],
    [
      'a crop of no width',
      [size, [region({ crop: { ...box, width: 0 } })]],
      'regions[0].crop.width: expected a number above 0, at most 32768, got 0',
    ],
    [
      'a crop nowhere',
      [size, [region({ crop: { ...box, x: NaN } })]],
      'regions[0].crop.x: expected a number from -32768 to 32768, got NaN',
    ],
    [
      'an odd place',
      [size, [region({}), region({ dest: { ...box, y: 1 } })]],
      'regions[1].dest.y: expected an even number from -32768 to 32768, got 1',
    ],
    [
      'a place of no height',
      [size, [region({ dest: { ...box, height: 0 } })]],
      'regions[0].dest.height: expected an even number from 2 to 32768, got 0',
    ],
    ['too opaque', [size, [region({ alpha: 1.5 })]], 'regions[0].alpha: expected a number from 0 to 1, got 1.5'],
    [
      'a frame by name',
      [size, [region({ frame: 'one' })]],
      'regions[0].frame: expected the handle of a living frame, got "one"',
    ],
    ['frame 0', [size, [region({ frame: 0 })]], 'regions[0].frame: expected the handle of a living frame, got 0'],
    [
      'half a frame',
      [size, [region({ frame: 0.5 })]],
      'regions[0].frame: expected the handle of a living frame, got 0.5',
    ],
  ])('refuses %s', (_, args, message) => {
    expectTypeError(call('compose', ...args), message);
  });

  it('refuses a frame that was given back', () => {
    expectTypeError(
      call('compose', size, [region({ frame: dead })]),
      `regions[0].frame: expected the handle of a living frame, got ${dead}`,
    );
  });
});

describe('tensors', () => {
  const options: LetterboxOptions = { ...size, channels: 'RGB', mean: 0, scale: 1, pad: 0, order: 'nchw' };
  const tensor = new Float32Array(3 * 32 * 32);
  it.each<[string, object, unknown, string]>([
    ['a tensor of other numbers', {}, new Float64Array(3072), 'tensor: expected a Float32Array, got an object'],
    ['a short tensor', {}, new Float32Array(3071), 'tensor: expected 3072 numbers, got 3071'],
    ['no tensor', {}, undefined, 'tensor: expected a Float32Array, got undefined'],
    ['no width', { width: 0 }, tensor, 'options.width: expected a whole number from 1 to 8192, got 0'],
    ['half a height', { height: 1.5 }, tensor, 'options.height: expected a whole number from 1 to 8192, got 1.5'],
    ['unknown channels', { channels: 'RGBA' }, tensor, 'options.channels: expected "BGR" or "RGB", got "RGBA"'],
    ['an unknown order', { order: undefined }, tensor, 'options.order: expected "nchw" or "nhwc", got undefined'],
    ['no mean', { mean: '0' }, tensor, 'options.mean: expected a finite number, got "0"'],
    ['an endless scale', { scale: Infinity }, tensor, 'options.scale: expected a finite number, got Infinity'],
    ['an unknown outside', { outside: 'black' }, tensor, 'options.outside: expected "pad" or "edge", got "black"'],
    ['a dark bar', { pad: -1 }, tensor, 'options.pad: expected a number from 0 to 255, got -1'],
  ])('refuse %s', (_, change, into, message) => {
    expectTypeError(call('letterbox', frame, { ...options, ...change }, into), message);
    expectTypeError(call('warpAffine', frame, [1, 0, 0, 0, 1, 0], { ...options, ...change }, into), message);
  });

  it.each<[string, unknown, string]>([
    ['a crop that is no object', 7, 'options.crop: expected an object, got 7'],
    [
      'a crop of negative height',
      { ...box, height: -1 },
      'options.crop.height: expected a number above 0, at most 32768, got -1',
    ],
  ])('refuse %s', (_, crop, message) => {
    expectTypeError(call('letterbox', frame, { ...options, crop }, tensor), message);
  });

  it.each<[string, unknown, string]>([
    ['a matrix of five', [1, 2, 3, 4, 5], 'matrix: expected an array of 6, got an array'],
    [
      'a matrix with a hole',
      [1, 2, 3, 4, 5, undefined],
      'matrix[5]: expected a number from -65536 to 65536, got undefined',
    ],
    ['a matrix that is no array', 'unit', 'matrix: expected an array of 6, got "unit"'],
  ])('refuse %s', (_, matrix, message) => {
    expectTypeError(call('warpAffine', frame, matrix, options, tensor), message);
  });

  it('refuse a frame that was given back', () => {
    expectTypeError(
      call('letterbox', dead, options, tensor),
      `handle: expected the handle of a living frame, got ${dead}`,
    );
    expectTypeError(
      call('warpAffine', dead, [1, 0, 0, 0, 1, 0], options, tensor),
      `handle: expected the handle of a living frame, got ${dead}`,
    );
  });
});

describe('sharpness and JPEG', () => {
  it('refuse what is not a box, a quality, a live frame', () => {
    expectTypeError(call('sharpness', frame, undefined), 'box: expected an object, got undefined');
    expectTypeError(call('sharpness', frame, { ...box, y: 'top' }), 'box.y: expected a finite number, got "top"');
    expectTypeError(call('sharpness', dead, box), `handle: expected the handle of a living frame, got ${dead}`);
    expectTypeError(call('encodeJpeg', frame, 0), 'quality: expected a whole number from 1 to 100, got 0');
    expectTypeError(call('encodeJpeg', dead, 80), `handle: expected the handle of a living frame, got ${dead}`);
  });
});
