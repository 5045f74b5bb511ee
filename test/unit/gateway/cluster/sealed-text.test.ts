import { expect, it } from 'vitest';
import { SealedText } from '#src/gateway/cluster/sealed-text.adapter.js';

const one = new SealedText('the key of one cluster, 32 letters and more');
const other = new SealedText('the key of another one, 32 letters and more');

it('opens what the same key sealed, and shows nothing of it', () => {
  const sealed = one.seal('rtsp://user:secret@camera', 'camera');

  expect(one.open(sealed, 'camera')).toBe('rtsp://user:secret@camera');
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('secret');
  expect(one.seal('rtsp://user:secret@camera', 'camera')).not.toBe(sealed);
});

it.each([
  ['another key', () => other.open(one.seal('text', 'camera'), 'camera')],
  ['another stream', () => one.open(one.seal('text', 'camera'), 'hall')],
  ['a changed text', () => one.open(`${one.seal('text', 'camera').slice(0, -4)}AAAA`, 'camera')],
  ['no sealed text', () => one.open('', 'camera')],
])('does not open with %s', (_what, open) => {
  expect(open).toThrow(/was encrypted with another key/);
});
