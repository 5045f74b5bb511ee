import { describe, expect, it } from 'vitest';
import { connectUrl, parseRtmpLocation } from '#src/shared/rtmp/location.js';

describe('the address of a target', () => {
  it.each<[string, string, string]>([
    ['rtmp://a.rtmp.example.com/live2/abcd-efgh', 'live2', 'abcd-efgh'],
    ['rtmp://live.example.tv/app/live_1_Ab?bandwidthtest=true', 'app', 'live_1_Ab?bandwidthtest=true'],
    [
      'rtmps://live-api.example.com:443/rtmp/FB-1-0-Ab?s_bl=1&s_sc=2&a=Ab%2F',
      'rtmp',
      'FB-1-0-Ab?s_bl=1&s_sc=2&a=Ab%2F',
    ],
    ['rtmp://host/live/key?sig=aB/cD', 'live', 'key?sig=aB/cD'],
    ['rtmp://host/live/key?sig=aB/cD?x=/y', 'live', 'key?sig=aB/cD?x=/y'],
    ['rtmp://host/live/0f1e2d/default', 'live/0f1e2d', 'default'],
    ['rtmp://host/live/_definst_/key', 'live/_definst_', 'key'],
    ['rtmp://host/EntryPoint/name@123456', 'EntryPoint', 'name@123456'],
    [
      'rtmp://host/live-bvc/?streamname=live_1&key=ab/c&schedule=rtmp',
      'live-bvc',
      '?streamname=live_1&key=ab/c&schedule=rtmp',
    ],
    ['rtmp://host/app?x=1/key', 'app?x=1', 'key'],
    ['rtmp://host/app?token=aB/cD/key', 'app?token=aB/cD', 'key'],
    ['rtmp://host/app?x=1/key?sig=a/b', 'app?x=1', 'key?sig=a/b'],
    ['rtmp://host//live//key', 'live', 'key'],
    ['rtmp://host/live/key#1', 'live', 'key#1'],
  ])('%s is split into application and key', (url, application, stream) => {
    expect(parseRtmpLocation({ url })).toMatchObject({ application, stream });
  });

  it.each<[string, string, string]>([
    ['rtmp://host/live', 'a/b?c=d/e', 'live'],
    ['rtmp://host/live/', 'key', 'live'],
    ['rtmp://host/live/instance?x=/y', 'key', 'live/instance?x=/y'],
  ])('%s with the key apart keeps both as they are', (url, key, application) => {
    expect(parseRtmpLocation({ url, key })).toMatchObject({ application, stream: key });
  });

  it.each([
    ['rtmp://host/a/k', { scheme: 'rtmp', host: 'host', port: 1935 }, 'rtmp://host/a'],
    ['RTMPS://host/a/k', { scheme: 'rtmps', host: 'host', port: 443 }, 'rtmps://host/a'],
    ['rtmps://host:8443/a/k', { scheme: 'rtmps', host: 'host', port: 8443 }, 'rtmps://host:8443/a'],
    ['rtmp://[::1]:1936/a/k', { host: '::1', port: 1936 }, 'rtmp://[::1]:1936/a'],
    ['rtmp://me:p%40ss%@host/a/k', { host: 'host', user: 'me', password: 'p%40ss%' }, 'rtmp://host/a'],
    ['rtmp://me:p%40ss@host/a/k', { host: 'host', user: 'me', password: 'p@ss' }, 'rtmp://host/a'],
  ])('%s names the server', (url, parts, connect) => {
    const location = parseRtmpLocation({ url });

    expect(location).toMatchObject(parts);
    expect(connectUrl(location)).toBe(connect);
  });

  it.each([
    { url: 'rtmp://host/live' },
    { url: 'rtmp://host/live/' },
    { url: 'rtmp://host/', key: 'k' },
    { url: 'rtmp:///a/k' },
  ])('%j is refused, saying what is needed', (address) => {
    expect(() => parseRtmpLocation(address)).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_CONFIG' }));
  });
});
