import { describe, expect, it } from 'vitest';
import { loadAddon } from '#src/stream/native/addon.adapter.js';

const addon = loadAddon();

describe('the properties of an element', () => {
  const properties = addon.elementProperties('x264enc') ?? [];

  it.each([
    [{ name: 'key-int-max', type: 'guint', isWritable: true, minimum: 0, maximum: 2 ** 31 - 1 }],
    [{ name: 'byte-stream', type: 'gboolean', isWritable: true }],
    [{ name: 'ip-factor', type: 'gfloat', isWritable: true, minimum: 0, maximum: 2 }],
    [{ name: 'option-string', type: 'gchararray', isWritable: true }],
  ])('are told with type and range: %j', (expected) => {
    expect(properties.find(({ name }) => name === expected.name)).toEqual(expected);
  });

  it('have the choices of an enumeration', () => {
    expect(properties.find(({ name }) => name === 'speed-preset')).toMatchObject({
      type: 'GstX264EncPreset',
      choices: expect.arrayContaining(['ultrafast', 'superfast', 'placebo']) as string[],
    });
  });

  it('tell which can only be read', () => {
    const stats = addon.elementProperties('identity')?.find(({ name }) => name === 'last-message');

    expect(stats).toMatchObject({ isWritable: false });
  });

  it('are in alphabetical order', () => {
    const names = properties.map(({ name }) => name);

    expect(names).toEqual([...names].sort());
  });

  it('are not there without the element', () => {
    expect(addon.elementProperties('nosuchelement')).toBeUndefined();
    expect(() => addon.elementProperties(1 as unknown as string)).toThrow(/factory: expected a string/);
  });
});

describe('elements that are loaded ahead', () => {
  it('are loaded where there are such', async () => {
    await expect(addon.loadElements(['x264enc', 'nosuchelement'])).resolves.toBeUndefined();
    await expect(addon.loadElements([])).resolves.toBeUndefined();
  });

  it('are named by a list of strings', () => {
    expect(() => addon.loadElements('x264enc' as unknown as string[])).toThrow(
      /factories: expected an array of strings/,
    );
    expect(() => addon.loadElements([1] as unknown as string[])).toThrow(/factories: expected a string/);
  });
});
