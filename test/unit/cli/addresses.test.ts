import { describe, expect, it } from 'vitest';
import { addressLines, type Addressed } from '#src/cli/addresses.js';

const made = { token: 'dpt_made', isNew: true, file: '/state/first-token' };
const inNetwork = { url: 'http://localhost:8080', deviceUrls: ['http://192.168.1.5:8080/'], isAccessNeeded: true };

describe('addressLines', () => {
  it.each<[string, Addressed, boolean, string | undefined, string[]]>([
    [
      'on loopback',
      { url: 'http://127.0.0.1:8080', deviceUrls: [], isAccessNeeded: false, firstToken: undefined },
      ...([true, undefined] as const),
      ['viewer: http://127.0.0.1:8080/', 'other devices do not reach it; start it with --host 0.0.0.0 for them'],
    ],
    [
      'in the network, at the first start',
      { ...inNetwork, firstToken: made },
      ...([false, undefined] as const),
      [
        'viewer: http://localhost:8080/#token=dpt_made',
        'from another device: http://192.168.1.5:8080/#token=dpt_made',
        'the token of these addresses is in /state/first-token',
      ],
    ],
    [
      'in the network, later, where a log may keep what is printed',
      { ...inNetwork, firstToken: { ...made, isNew: false } },
      ...([false, undefined] as const),
      [
        'viewer: http://localhost:8080/',
        'from another device: http://192.168.1.5:8080/',
        'the token of these addresses is in /state/first-token',
      ],
    ],
    [
      'in the network, later, at a terminal',
      { ...inNetwork, firstToken: { ...made, isNew: false } },
      ...([true, undefined] as const),
      [
        'viewer: http://localhost:8080/#token=dpt_made',
        'from another device: http://192.168.1.5:8080/#token=dpt_made',
        'the token of these addresses is in /state/first-token',
      ],
    ],
    [
      'with tokens of the configuration',
      { ...inNetwork, firstToken: undefined },
      ...([true, undefined] as const),
      [
        'viewer: http://localhost:8080/',
        'from another device: http://192.168.1.5:8080/',
        'the page asks for a token (access.tokens, diptych token add)',
      ],
    ],
    [
      'with TLS, in a sub-folder, of one stream',
      {
        ...{ url: 'https://localhost:8080/cams', deviceUrls: ['https://192.168.1.5:8080/cams/'], isAccessNeeded: true },
        firstToken: { token: 'dpt_made', isNew: true },
      },
      ...([false, '/s/hall'] as const),
      [
        'viewer: https://localhost:8080/cams/s/hall#token=dpt_made',
        'from another device: https://192.168.1.5:8080/cams/s/hall#token=dpt_made',
      ],
    ],
  ])('%s', (_name, gateway, isShown, path, expected) => {
    expect(addressLines(gateway, isShown, path)).toEqual(expected);
  });
});
