import { expect, it } from 'vitest';
import { describeMissing, type ProgramName } from '#src/shared/programs/programs.js';

const CASES: readonly { readonly names: readonly ProgramName[]; readonly text: string }[] = [
  {
    names: ['gst-launch-1.0'],
    text: "gst-launch-1.0 is not installed; apt-get install gstreamer1.0-tools (Debian's name)",
  },
  {
    names: ['nginx', 'ffmpeg'],
    text: "nginx and ffmpeg are not installed; apt-get install nginx-light ffmpeg (Debian's names)",
  },
  {
    names: ['Chromium'],
    text: "Chromium is not installed; apt-get install chromium (Debian's name), or set CHROMIUM to the path of Chromium",
  },
];

it.each(CASES)('says how to install $names', ({ names, text }) => {
  expect(describeMissing(names)).toBe(text);
});
