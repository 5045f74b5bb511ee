import type { types } from 'mediasoup';
import { describe, expect, it } from 'vitest';
import {
  announceCandidates,
  bindAddresses,
  deviceAddresses,
  reachableAddresses,
} from '#src/gateway/signaling/listen-addresses.js';

const interfaces = [
  { address: '127.0.0.1', family: 'IPv4', internal: true },
  { address: '::1', family: 'IPv6', internal: true },
  { address: '192.168.1.5', family: 'IPv4', internal: false },
  { address: 'fe80::1', family: 'IPv6', internal: false },
  { address: '2001:db8::5', family: 'IPv6', internal: false },
];

describe('reachableAddresses', () => {
  it.each([
    ['one address', { listenIp: '10.0.0.1' }, ['10.0.0.1']],
    ['an announced name', { listenIp: '0.0.0.0', announcedAddress: 'media.example' }, ['media.example']],
    [
      'several, each once',
      { listenIp: '0.0.0.0', announcedAddress: '203.0.113.7', announcedAddresses: ['2001:db8::7', '203.0.113.7'] },
      ['203.0.113.7', '2001:db8::7'],
    ],
    ['all of IPv4, those of the network first', { listenIp: '0.0.0.0' }, ['192.168.1.5', '127.0.0.1']],
    ['all, without those of one link', { listenIp: '::' }, ['192.168.1.5', '2001:db8::5', '127.0.0.1', '::1']],
  ])('%s', (_name, wanted, expected) => {
    expect(reachableAddresses(wanted, interfaces)).toEqual(expected);
  });
});

describe('deviceAddresses', () => {
  it.each([
    ['127.0.0.1', []],
    ['localhost', []],
    ['::1', []],
    ['192.168.1.5', ['192.168.1.5']],
    ['0.0.0.0', ['192.168.1.5']],
    ['::', ['192.168.1.5', '2001:db8::5']],
  ])('%s', (host, expected) => {
    expect(deviceAddresses(host, interfaces)).toEqual(expected);
  });
});

describe('bindAddresses', () => {
  it.each([
    ['127.0.0.1', [{ ip: '127.0.0.1' }]],
    ['0.0.0.0', [{ ip: '0.0.0.0' }]],
    ['::', [{ ip: '0.0.0.0' }, { ip: '::', flags: { ipv6Only: true } }]],
  ])('%s', (listenIp, expected) => {
    expect(bindAddresses(listenIp)).toEqual(expected);
  });
});

describe('announceCandidates', () => {
  const candidate = (protocol: 'udp' | 'tcp', address: string): types.IceCandidate => ({
    foundation: `${protocol}candidate`,
    priority: 10_000,
    ip: address,
    address,
    protocol,
    port: 40_000,
    type: 'host',
  });

  it('tells every address once for UDP and once for TCP, the first with the highest priority', () => {
    const sockets = [candidate('udp', '0.0.0.0'), candidate('tcp', '0.0.0.0'), candidate('udp', '::')];

    const announced = announceCandidates(sockets, ['192.0.2.1', '2001:db8::1']);

    expect(announced.map(({ protocol, address, port, priority }) => [protocol, address, port, priority])).toEqual([
      ['udp', '192.0.2.1', 40_000, 10_000],
      ['udp', '2001:db8::1', 40_000, 9744],
      ['tcp', '192.0.2.1', 40_000, 10_000],
      ['tcp', '2001:db8::1', 40_000, 9744],
    ]);
    expect(new Set(announced.map(({ foundation }) => foundation)).size).toBe(4);
  });
});
