import { describe, expect, it } from 'vitest';
import { streamSchema } from '#src/shared/config/schema.js';
import { explainBareAddress, explainSourceUrl, parseCameraUrl } from '#src/shared/config/source-url.js';

describe('parseCameraUrl', () => {
  it.each([
    ['rtsp://host/path', 'rtsp://host/path', '', ''],
    ['RTSPS://u:p@[fe80::1]:322/path?x=1', 'rtsps://[fe80::1]:322/path?x=1', 'u', 'p'],
    ['rtsp://admin:p%40ss%2F@10.0.0.1:554', 'rtsp://10.0.0.1:554', 'admin', 'p@ss/'],
    ['rtsp://admin:p@ss@10.0.0.1/', 'rtsp://10.0.0.1/', 'admin', 'p@ss'],
    ['rtsp://admin:100%@10.0.0.1/', 'rtsp://10.0.0.1/', 'admin', '100%'],
    ['rtsp://host:8554/path@live', 'rtsp://host:8554/path@live', '', ''],
  ])('%s', (url, location, user, password) => {
    expect(parseCameraUrl(url)).toEqual({ location, user, password });
    expect(explainSourceUrl(url)).toBeUndefined();
  });
});

describe('an address without its protocol, which is taken for a file', () => {
  it.each(['192.168.1.20', '192.168.1.20:554/stream1', 'admin@192.168.1.20/1'])('%s is told from one', (url) => {
    expect(explainBareAddress(url)).toMatch(/write rtsp:\/\/ before it/);
  });

  it.each(['/videos/192.168.1.20.mp4', 'talk.mp4', '192.168.1.mp4', 'rtsp://192.168.1.20/', 'test:'])(
    '%s is none',
    (url) => {
      expect(explainBareAddress(url)).toBeUndefined();
    },
  );
});

describe('explainSourceUrl', () => {
  it.each([
    'rtsp://admin:pa/ss@192.168.1.20/stream',
    'rtsp://admin:pa#ss@192.168.1.20/stream',
    'rtsp://admin:pa?ss@camera.local:554/stream',
    'rtsp://admin:12/34@192.168.1.20/stream',
    'rtsp://admin:a@b:c/d#e@192.168.1.20/stream',
  ])('recognises a password that is not escaped: %s', (url) => {
    expect(explainSourceUrl(url)).toMatch(/unescaped .* source\.user and source\.password/);
    expect(explainSourceUrl(url)).not.toMatch(/pa.ss|12.34|192/);
  });

  it.each([
    ['rtsp://', 'no host'],
    ['rtsp:///path', 'no host'],
    ['rtsp://host:99999/', 'port'],
    ['rtsp://host:/x', 'port'],
    ['rtsp://u:p%0d%0aSET@host/', 'of the password'],
    ['rtsp://u%00:p@host/', 'of the user name'],
    ['rtsp://u:p%E2%80%A8@host/', 'end of line'],
    ['rtsp://host/a b', 'a space'],
    ['test:bars', 'use test:people'],
    ['http://', 'no host after http://; use http://host[:port]/path'],
    ['http:cam/video', 'no "//" after "http:"'],
    ['https://cam:0/x', 'host or port is not one'],
    ['http://admin:pa/ss@192.168.1.20/video', 'unescaped'],
    ['v4l2:video0', 'named by its file'],
    ['v4l2:/etc/passwd', 'named by its file'],
    ['v4l2:/dev/../etc/passwd', 'named by its file'],
    ['v4l2:/dev/v4l/../../etc/passwd', 'named by its file'],
    ['v4l2:/dev/', 'named by its file'],
  ])('%s', (url, words) => {
    expect(explainSourceUrl(url)).toContain(words);
    expect(streamSchema.safeParse({ source: { url } }).success).toBe(false);
  });

  it.each(['whip://gateway/whip/main', 'whip:main', 'WHIP:/'])('says of %s that nothing follows whip:', (url) => {
    expect(explainSourceUrl(url)).toMatch(/nothing follows "whip:"/);
  });

  it.each([
    '/a/b@c#d.mp4',
    'v4l2:/dev/video0',
    'v4l2:///dev/v4l/by-id/usb-Cam_1-video-index0',
    'http://[fe80::1]:81/?action=stream',
    'test:',
    'whip:',
    'test:people',
    'TEST:People',
    'file:///x#y',
  ])('says nothing of %s', (url) => {
    expect(explainSourceUrl(url)).toBeUndefined();
  });
});
