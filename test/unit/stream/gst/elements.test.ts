import { describe, expect, it } from 'vitest';
import { packageOf } from '#src/stream/gst/elements.js';

describe('packageOf', () => {
  it.each([
    ['x264enc', 'gstreamer1.0-plugins-ugly'],
    ['avdec_h264', 'gstreamer1.0-libav'],
    ['rtmp2sink', 'gstreamer1.0-plugins-bad'],
    ['videobox', 'gstreamer1.0-plugins-good'],
    ['videoconvert', 'gstreamer1.0-plugins-base'],
    ['queue2', 'libgstreamer1.0-0'],
    ['diptychsink', undefined],
  ])('%s → %s', (element, debianPackage) => {
    expect(packageOf(element)).toBe(debianPackage);
  });
});
