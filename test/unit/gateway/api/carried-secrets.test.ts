import { describe, expect, it } from 'vitest';
import { patched, replaced } from '#src/gateway/api/stream-edits.js';

const current = {
  id: 'main',
  source: { url: 'rtsp://cam/1', user: 'me', password: 'w0rd', onvif: { url: 'http://cam/onvif' } },
  targets: [
    { id: 'tv', url: 'rtmp://tv/app', key: 'hush' },
    { id: 'env', url: 'rtmp://tv/app', key: '${TV_KEY}' },
    { id: 'file', url: 'rtmp://tv/app', keyFile: '/run/key' },
  ],
};
const [tv, env, file] = current.targets;

describe('a secret is not sent to another host than it was given for', () => {
  it.each<[string, object, string]>([
    ['a patch of the URL', { source: { url: 'rtsp://evil/1' } }, 'source.password'],
    ['with the mask', { source: { url: 'rtsp://evil/1', password: '***' } }, 'source.password'],
    ['another port', { source: { url: 'rtsp://cam:8554/1' } }, 'source.password'],
    ['another scheme and host', { source: { url: 'http://evil/' } }, 'source.password'],
    ['what looks like the host', { source: { url: 'rtsp://cam@evil/1' } }, 'source.password'],
    ['services elsewhere', { source: { onvif: { url: 'http://evil/onvif' } } }, 'source.password'],
    ['a target', { targets: [{ ...tv, url: 'rtmp://evil/app', key: '***' }] }, 'targets[0].key'],
    ['a variable', { targets: [{ ...env, url: 'rtmp://evil/app' }] }, 'targets[0].key'],
    ['a file', { targets: [{ ...file, url: 'rtmp://evil/app' }] }, 'targets[0].keyFile'],
  ])('%s', (_name, patch, option) => {
    expect(() => patched(patch)(current)).toThrow(`${option}: it was given for another host`);
  });

  it('nor by a whole configuration', () => {
    const body = { ...current, source: { ...current.source, url: 'rtsp://evil/1', password: '***' } };

    expect(() => replaced(body)(current)).toThrow('source.password: it was given for another host');
  });

  it.each<[string, object]>([
    ['another path', { source: { url: 'rtsp://cam/2' } }],
    ['the same host in capitals', { source: { url: 'RTSP://CAM/1' } }],
    ['a password that is sent', { source: { url: 'rtsp://other/1', password: 'w0rd' } }],
    ['another password', { source: { url: 'rtsp://other/1', password: 'new' } }],
    ['no password', { source: { url: 'rtsp://other/1', password: null } }],
    ['a source without a host', { source: { url: 'test:' } }],
    ['other options', { detect: { maxFps: 5 } }],
    ['services with a password of their own', { source: { onvif: { url: 'http://nvr/onvif', password: 'other' } } }],
    ['services of the same host', { source: { onvif: { url: 'http://cam/onvif/media' } } }],
    ['a target with its key', { targets: [{ ...tv, url: 'rtmp://other/app', key: 'hush' }] }],
    ['a target of another name', { targets: [{ id: 'new', url: 'rtmp://other/app', key: 'x' }] }],
  ])('taken: %s', (_name, patch) => {
    expect(() => patched(patch)(current)).not.toThrow();
  });
});
