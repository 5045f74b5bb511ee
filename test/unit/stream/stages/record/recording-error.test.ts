import { expect, it } from 'vitest';
import { recordingError } from '#src/stream/stages/record/recording-error.js';

it.each<[string, string, RegExp]>([
  ["ENOSPC: no space left on device, write '/srv/r/a.json'", 'DIPTYCH_E_DISK_FULL', /full; free some space/],
  ['Could not write to resource. system error: Disk quota exceeded', 'DIPTYCH_E_DISK_FULL', /full/],
  ["EROFS: read-only file system, open '/srv/r/.probe'", 'DIPTYCH_E_RECORDING', /read-only; mount it for writing/],
  ["EACCES: permission denied, mkdir '/srv/r/main'", 'DIPTYCH_E_RECORDING', /owner or its permissions/],
  ["ENOENT: no such file or directory, stat '/srv/r/main/a.mp4'", 'DIPTYCH_E_RECORDING', /is gone/],
  ['ETIMEDOUT: no answer for 10 s', 'DIPTYCH_E_RECORDING', /does not answer/],
  ['something else', 'DIPTYCH_E_RECORDING', /something else/],
])('%s', (said, code, message) => {
  const error = recordingError('/srv/r/main', said);

  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
  expect(error.message).toContain('/srv/r/main');
});
