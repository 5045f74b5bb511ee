import { describe, expect, it } from 'vitest';
import { parseSourceLocation } from '#src/stream/stages/ingest/source-location.js';

describe('parseSourceLocation', () => {
  it.each([
    ['rtsp://cam/live', 'rtsp://cam/live', '', ''],
    ['RTSP://cam:8554/live?x=1', 'rtsp://cam:8554/live?x=1', '', ''],
    ['rtsps://cam', 'rtsps://cam', '', ''],
    ['rtsp://ann:secret@cam:554/a/b', 'rtsp://cam:554/a/b', 'ann', 'secret'],
    ['rtsp://ann@cam/a', 'rtsp://cam/a', 'ann', ''],
    ['rtsp://ann:p%40ss%2Fw%21%20%22@cam/a', 'rtsp://cam/a', 'ann', 'p@ss/w! "'],
    ['rtsp://ann:a:b@cam/a', 'rtsp://cam/a', 'ann', 'a:b'],
    ['rtsp://ann:p@ss!@cam/a', 'rtsp://cam/a', 'ann', 'p@ss!'],
    ['rtsp://ann:100%@cam/a', 'rtsp://cam/a', 'ann', '100%'],
    ['rtsp://cam/user@home', 'rtsp://cam/user@home', '', ''],
    ['rtsp://[::1]:8554/a', 'rtsp://[::1]:8554/a', '', ''],
  ])('takes %s apart', (url, location, user, password) => {
    expect(parseSourceLocation({ url })).toEqual({ kind: 'rtsp', location, user, password });
  });

  it('takes the separate fields as they are, before those of the URL', () => {
    const config = { url: 'rtsp://ann:old@cam/a', user: 'b%41b', password: 'p"w! \\@:/' };

    expect(parseSourceLocation(config)).toEqual({
      kind: 'rtsp',
      location: 'rtsp://cam/a',
      user: 'b%41b',
      password: 'p"w! \\@:/',
    });
  });

  it.each([
    ['/clips/a b.mp4', '/clips/a b.mp4'],
    ['clip.mp4', 'clip.mp4'],
    ['file:///clips/a%20b.mp4', '/clips/a b.mp4'],
    ['file://localhost/a.mp4', '/a.mp4'],
    ['file:///100%.mp4', '/100%.mp4'],
  ])('takes %s for a file', (url, path) => {
    expect(parseSourceLocation({ url })).toEqual({ kind: 'file', path });
  });

  it.each(['rtsp://a%0d%0ab:geheim@cam/a', 'rtsp://ann:geheim%0a@cam/a', 'rtsp://%00:geheim@cam/a'])(
    'refuses escapes that stand for control characters in user and password, without a word of them: %#',
    (url) => {
      expect(() => parseSourceLocation({ url })).toThrow(/^source\.url: of the (user name|password), character \d/);
      expect(() => parseSourceLocation({ url })).not.toThrow(/geheim/);
    },
  );

  it('knows the test pictures', () => {
    expect(parseSourceLocation({ url: 'test:people' })).toEqual({ kind: 'people' });
    expect(parseSourceLocation({ url: 'test:' })).toMatchObject({ kind: 'test', width: 1280, height: 720, fps: 30 });
  });

  it.each(['whip:', 'WHIP:'])('takes %s for what is published', (url) => {
    expect(parseSourceLocation({ url })).toEqual({ kind: 'whip' });
  });

  it.each([
    'ftp://cam/live',
    'http:cam',
    'http://',
    'whip://gateway/whip/main',
    'whip:main',
    'rtmp://cam/live',
    'rtsp://',
    'rtsp:///path',
    'file:relative.mp4',
    'rtsp:cam',
    'test:nobody',
  ])('refuses %s', (url) => {
    expect(() => parseSourceLocation({ url })).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_CONFIG' }));
  });
});
