import { expect, it } from 'vitest';
import { cameraProblem } from '#src/viewer/camera-error.js';

it.each([
  ['NotAllowedError', true, /may not use the camera and the microphone\. Allow/],
  ['NotAllowedError', false, /may not use the camera\. Allow/],
  ['NotFoundError', true, /choose “No microphone”/],
  ['NotFoundError', false, /There is no camera\. Connect one/],
  ['NotReadableError', true, /Another program uses/],
  ['OverconstrainedError', true, /Choose another/],
  ['StrangeError', false, /^The camera cannot be opened \(StrangeError\)/],
])('%s (with a microphone: %s) says what to do', (name, hasMicrophone, expected) => {
  expect(cameraProblem(name, { hasMicrophone })).toMatch(expected);
});
