import { describe, expect, it } from 'vitest';
import { maskUrl } from '#src/shared/config/mask-url.js';

describe('maskUrl', () => {
  it.each([
    ['no secret', 'rtsp://192.168.1.20:554/stream1', 'rtsp://192.168.1.20:554/stream1'],
    ['user and password', 'rtsp://admin:secret@192.168.1.20/stream1', 'rtsp://***@192.168.1.20/stream1'],
    ['user only', 'rtsps://admin@camera.example/1', 'rtsps://***@camera.example/1'],
    ['an @ in the password', 'rtsp://admin:p@ss@camera.example/1', 'rtsp://***@camera.example/1'],
    ['a slash in the password', 'rtsp://admin:p@ss/w@camera.example/1', 'rtsp://***@camera.example/1'],
    ['a ? in the password', 'rtsp://admin:p?s#s@camera.example/1', 'rtsp://***@camera.example/1'],
    ['an IPv6 host', 'rtsp://[fe80::1]:554/a', 'rtsp://[fe80::1]:554/a'],
    ['user and IPv6 host', 'rtsp://u:p@[::1]:554/a', 'rtsp://***@[::1]:554/a'],
    ['an @ in the query only', 'rtsp://host/a?mail=x@example.org', 'rtsp://host/a?mail=x@example.org'],
    ['a password in the query', 'rtsp://host/a?user=u&password=geheim&c=1', 'rtsp://host/a?user=u&password=***&c=1'],
    [
      'a password in the path',
      'rtsp://host/user=u&password=geheim&channel=1',
      'rtsp://host/user=u&password=***&channel=1',
    ],
    ['an RTMP stream key', 'rtmp://a.rtmp.example/live2/abcd-efgh', 'rtmp://a.rtmp.example/live2/***'],
    ['a key with a query', 'rtmps://live.example:443/rtmp/FB-1?s_bl=1&a=x', 'rtmps://live.example:443/rtmp/***'],
    ['a key of several parts', 'rtmp://host/app/instance/key', 'rtmp://host/app/***'],
    ['RTMP with user and key', 'rtmp://u:p@host/app/key', 'rtmp://***@host/app/***'],
    ['RTMP without a key', 'rtmp://host/app', 'rtmp://host/app'],
    ['a token beside the app', 'rtmp://host/app?token=abc', 'rtmp://host/app?token=***'],
    ['upper case', 'RTMP://host/app/key', 'RTMP://host/app/***'],
    ['a file', 'file:///home/a@b/clip.mp4', 'file://***@b/clip.mp4'],
    ['a path', '/home/a@b/clip.mp4', '/home/a@b/clip.mp4'],
    ['the test picture', 'test:', 'test:'],
    ['nothing', '', ''],
  ])('%s', (_name, url, expected) => {
    const masked = maskUrl(url);

    expect(masked).toBe(expected);
  });

  it('changes nothing more when applied again', () => {
    const masked = maskUrl('rtmps://user:pass@host/app/key?token=1');

    expect(maskUrl(masked)).toBe(masked);
  });
});
