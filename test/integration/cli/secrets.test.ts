import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it.each([
  ['an argument too many', ['doctor', 'rtsp://u:geheim@h/a']],
  ['a source with a space', ['run', 'rtsp://u:geheim@h/a b']],
  ['no command', ['rtsp://u:geheim@h/a']],
  ['a control character', ['run', '--source', 'rtsp://u:geheim@h/a\r\nSET x']],
  ['a target of another kind', ['run', '--source', 'test:', '--target', 'http://h/a?apikey=geheim']],
  ['a source to examine that is none', ['doctor', '--json', '--source', 'ftp://u:geheim@h/a?_password=geheim']],
  ['a source to examine with a space', ['doctor', '--json', '--source', 'rtsp://h/a?token=x geheim']],
])('the command line does not repeat the secret of %s', (_name, parameters) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/main.js', ...parameters], { encoding: 'utf8' });

  expect(status).not.toBe(0);
  expect(stdout + stderr).toMatch(/DIPTYCH_E_(USAGE|CONFIG): /);
  expect(stdout + stderr).not.toContain('geheim');
});
