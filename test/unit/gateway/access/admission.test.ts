import { describe, expect, it } from 'vitest';
import { explainReach, filesOf } from '#src/gateway/access/admission.js';
import { accessSchema } from '#src/shared/config/access-schema.js';
import { streamSchema } from '#src/shared/config/schema.js';

const access = accessSchema.parse({
  sources: { schemes: ['rtsp', 'rtsps', 'http', 'https', 'srt', 'file'], deny: ['127.0.0.0/8', '::1'] },
  targets: { schemes: ['rtmps', 'srt'], deny: ['127.0.0.0/8'] },
});

describe('where a source leads', () => {
  it.each([
    ['an address', 'rtsp://169.254.169.254/1'],
    ['with a port', 'http://169.254.169.254:80/latest/meta-data/'],
    ['a number', 'http://2852039166/'],
    ['in hexadecimal', 'https://0xA9FEA9FE/'],
    ['in octal', 'http://0251.0376.0251.0376/'],
    ['escaped', 'http://%31%36%39.254.169.254/'],
    ['in wide digits', 'http://１６９.254.169.254/'],
    ['with a dot at its end', 'http://169.254.169.254./'],
    ['behind what looks like a host', 'http://camera.lan@169.254.169.254/'],
    ['behind a host and a port', 'rtsp://camera.lan:554@169.254.169.254/'],
    ['mapped into IPv6', 'rtsp://[::ffff:169.254.169.254]/1'],
    ['link-local IPv6', 'rtsp://[fe80::1]/1'],
    ['as a number over RTSP', 'rtsp://2852039166/1'],
    ['with capitals', 'RTSP://169.254.169.254/1'],
    ['by SRT', 'srt://169.254.169.254:9000'],
    ['by SRT, called as a client', 'srt://169.254.169.254:9000?mode=client'],
    ['denied loopback', 'http://127.1/'],
    ['denied loopback of IPv6', 'http://[::1]/'],
  ])('%s: %s is refused', (_name, url) => {
    const stream = streamSchema.parse({ source: { url } });

    expect(explainReach(stream, access)).toMatch(/^source\.url: the address .* (?:never taken|access\.sources\.deny)/);
  });

  it.each([
    ['a name', 'rtsp://camera.lan/1'],
    ['an address in the path', 'http://camera.lan/?to=169.254.169.254'],
    ['an address as the user', 'rtsp://169.254.169.254@camera.lan/1'],
    ['an SRT listener', 'srt://:9000'],
    ['an SRT listener on all addresses', 'srt://0.0.0.0:9000?mode=listener'],
    ['a path', '/srv/a.mp4'],
  ])('%s: %s is taken', (_name, url) => {
    expect(explainReach(streamSchema.parse({ source: { url } }), access)).toBeUndefined();
  });

  it('ONVIF services as well', () => {
    const source = { url: 'rtsp://camera.lan/1', onvif: { url: 'http://169.254.169.254/onvif/device_service' } };

    expect(explainReach(streamSchema.parse({ source }), access)).toMatch(/^source\.onvif\.url: .*never taken/);
  });

  it.each([
    ['test:', 'test'],
    ['whip:', 'whip'],
    ['v4l2:/dev/video0', 'v4l2'],
  ])('%s is of a kind that is not taken here', (url, kind) => {
    expect(explainReach(streamSchema.parse({ source: { url } }), access)).toContain(`${kind} is not in access.sources`);
  });
});

describe('where a target leads', () => {
  it.each([
    ['rtmps://169.254.169.254/live/key', 'never taken'],
    ['rtmps://user:word@[::ffff:a9fe:a9fe]:443/live/key', 'never taken'],
    ['srt://127.0.0.1:9000', 'access.targets.deny'],
    ['rtmp://tv.example/live/key', 'rtmp is not in access.targets.schemes'],
  ])('%s: %s', (url, reason) => {
    const stream = streamSchema.parse({ source: { url: 'rtsp://camera.lan/1' }, targets: [{ url }] });

    expect(explainReach(stream, access)).toMatch(/^targets\[0\]\.url: /);
    expect(explainReach(stream, access)).toContain(reason);
  });

  it.each([['rtmps://tv.example/live/key'], ['srt://:9000'], ['srt://tv.example:9000']])('%s is taken', (url) => {
    const stream = streamSchema.parse({ source: { url: 'rtsp://camera.lan/1' }, targets: [{ url }] });

    expect(explainReach(stream, access)).toBeUndefined();
  });
});

describe('files that a stream names', () => {
  it.each<[string, object, readonly string[]]>([
    ['none', { source: { url: 'rtsp://camera.lan/1' } }, []],
    ['a path', { source: { url: '/srv/a.mp4' } }, ['source.url /srv/a.mp4']],
    ['a path from here', { source: { url: 'a.mp4' } }, ['source.url a.mp4']],
    ['a file as a URL, escaped', { source: { url: 'file:///srv/a%20b.mp4' } }, ['source.url /srv/a b.mp4']],
    ['a device that is a camera', { source: { url: 'v4l2:/dev/video0' } }, ['source.url /dev/video0 camera']],
    ['a device that is none', { source: { url: 'v4l2:/dev/sda' } }, ['source.url /dev/sda']],
    [
      'a certificate',
      { source: { url: 'rtsps://camera.lan/1', tls: { caFile: '/etc/shadow' } } },
      ['source.tls.caFile /etc/shadow'],
    ],
    ['a model by its name', { source: { url: 'test:' }, detect: { model: 'yunet' } }, []],
    [
      'a model by its file',
      { source: { url: 'test:' }, detect: { model: '/etc/x.onnx' } },
      ['detect.model /etc/x.onnx'],
    ],
    [
      'a network of poses',
      { source: { url: 'test:' }, detect: { pose: 'rtmpose=/etc/p.onnx' } },
      ['detect.pose /etc/p.onnx'],
    ],
    ['a model by both', { source: { url: 'test:' }, detect: { model: 'yolov8n=/etc/x' } }, ['detect.model /etc/x']],
    ['of faces', { source: { url: 'test:' }, reid: { model: 'x.onnx' } }, ['reid.model x.onnx']],
  ])('%s', (_name, stream, expected) => {
    const named = filesOf(streamSchema.parse(stream));

    expect(named.map(({ option, path, isCamera }) => `${option} ${path}${isCamera ? ' camera' : ''}`)).toEqual(
      expected,
    );
  });
});
