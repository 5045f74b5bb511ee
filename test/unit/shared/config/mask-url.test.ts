import { describe, expect, it } from 'vitest';
import { maskUrl, maskUrlsIn } from '#src/shared/config/mask-url.js';

describe('maskUrl', () => {
  it.each([
    ['the rest of a value that holds escaped signs', 'rtsp://h/x?token=abc%26TAIL%3D%3D', 'rtsp://h/x?token=***'],
    ['an escaped password with both signs', 'rtsp://h/x?a=1&password=p%3BS%3Dx&b=2', 'rtsp://h/x?a=1&password=***&b=2'],
    [
      'a password in the path, as DVRs have it',
      'rtsp://h/user=admin_password=S3CRET_channel=1_stream=0.sdp',
      'rtsp://h/user=admin_password=***',
    ],
    ['a key in the query alone', 'rtmp://h/app?S3CRET', 'rtmp://h/app?***'],
    ['a key in the fragment alone', 'rtmp://h/app#S3CRET', 'rtmp://h/app#***'],
    ['a key behind an escaped slash', 'rtmp://h/app%2fS3CRET', 'rtmp://h/app%2f***'],
    ['a key that is shared before', 'rtsp://h/x?psk=geheim&x=1', 'rtsp://h/x?psk=***&x=1'],
    ['a bearer', 'https://h/x?bearer=geheim', 'https://h/x?bearer=***'],
    [
      'the stream id of SRT',
      'srt://h:9000?streamid=#!::u=me,s=geheim&mode=caller',
      'srt://h:9000?streamid=***&mode=caller',
    ],
    ['a passphrase of SRT', 'srt://h:9000?passphrase=geheim', 'srt://h:9000?passphrase=***'],
    ['a password after its name', 'rtsp://h/user/admin/password/geheim/1', 'rtsp://h/user/admin/password/***/1'],
    ['a token after its name', 'https://h/live/token/geheim?x=1', 'https://h/live/token/***?x=1'],
    ['a word that only holds a name', 'rtsp://h/keynote/1', 'rtsp://h/keynote/1'],
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
    ['a password with a separator before it', 'rtsp://h/a?_password=geheim', 'rtsp://h/a?_password=***'],
    ['an API key', 'rtsp://h/a?x=1&apikey=geheim&y=2', 'rtsp://h/a?x=1&apikey=***&y=2'],
    ['an access token', 'rtsp://h/a?access_token=geheim', 'rtsp://h/a?access_token=***'],
    ['a signature', 'https://h/a?X-Amz-Signature=geheim&X-Amz-Date=1', 'https://h/a?X-Amz-Signature=***&X-Amz-Date=1'],
    ['camel case', 'https://h/a?userPw=geheim&mapping=1', 'https://h/a?userPw=***&mapping=1'],
    ['capitals', 'rtsp://h/a?API.KEY=geheim', 'rtsp://h/a?API.KEY=***'],
    ['a name with escapes', 'rtsp://h/a?%70assw%6Frd=geheim', 'rtsp://h/a?%70assw%6Frd=***'],
    ['a name escaped twice', 'rtsp://h/a?%2570assword=geheim', 'rtsp://h/a?%2570assword=***'],
    ['a fragment', 'https://h/a#access_token=geheim&state=1', 'https://h/a#access_token=***&state=1'],
    ['a parameter of a path segment', 'rtsp://h/a;token=geheim/b?x=1', 'rtsp://h/a;token=***'],
    ['separators in a value', 'rtsp://h/a?token=ge/he?im#x;y&z=1', 'rtsp://h/a?token=***&z=1'],
    ['two secrets', 'rtsp://h/a?pwd=geheim&token=geheim', 'rtsp://h/a?pwd=***&token=***'],
    ['a URL in a parameter', 'rtsp://h/a?from=rtsp://u:geheim@b/1&x=1', 'rtsp://h/a?from=rtsp://***@b/1&x=1'],
    [
      'an escaped URL in a parameter',
      'rtsp://h/a?from=rtsp%3A%2F%2Fu%3Ageheim%40b%2F1%3Ftoken%3Dgeheim',
      'rtsp://h/a?from=rtsp%3A%2F%2F***%40b%2F1%3Ftoken%3D***',
    ],
    ['one slash', 'rtsp:/u:geheim@h/a', 'rtsp:/***@h/a'],
    ['a space before it', ' rtsp://u:geheim@h/a', ' rtsp://***@h/a'],
    ['an equals sign that escapes nothing', 'rtsp://h/a?x=100%&y=%zz', 'rtsp://h/a?x=100%&y=%zz'],
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

describe('maskUrlsIn', () => {
  it.each([
    ['no URL', 'gone: /home/a@b', 'gone: /home/a@b'],
    [
      'two URLs',
      'rtsp://u:geheim@h/a failed, then "rtmp://h/app/geheim" (retrying)',
      'rtsp://***@h/a failed, then "rtmp://h/app/***" (retrying)',
    ],
    ['a line of a log', '{"msg":"at rtsp://h/?pass=geheim","x":"b"}', '{"msg":"at rtsp://h/?pass=***","x":"b"}'],
    ['escapes of JSON', '{"url":"rtsp://u:ge\\\\h\\"eim@h/a"}', '{"url":"rtsp://***@h/a"}'],
  ])('masks %s', (_name, text, expected) => {
    expect(maskUrlsIn(text)).toBe(expected);
  });
});
