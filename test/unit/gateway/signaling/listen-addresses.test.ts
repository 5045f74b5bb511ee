import { describe, expect, it } from 'vitest';
import { listenAddresses } from '#src/gateway/signaling/listen-addresses.js';

const interfaces = [
  { address: '127.0.0.1', family: 'IPv4', internal: true },
  { address: '::1', family: 'IPv6', internal: true },
  { address: '192.168.1.5', family: 'IPv4', internal: false },
  { address: 'fe80::1', family: 'IPv6', internal: false },
  { address: '2001:db8::5', family: 'IPv6', internal: false },
];

describe('listenAddresses', () => {
  it.each([
    ['one address', { listenIp: '10.0.0.1' }, [{ ip: '10.0.0.1' }]],
    [
      'an announced name',
      { listenIp: '0.0.0.0', announcedAddress: 'media.example' },
      [{ ip: '0.0.0.0', announcedAddress: 'media.example' }],
    ],
    ['all of IPv4, those of the network first', { listenIp: '0.0.0.0' }, [{ ip: '192.168.1.5' }, { ip: '127.0.0.1' }]],
    [
      'all, without those of one link',
      { listenIp: '::' },
      [{ ip: '192.168.1.5' }, { ip: '2001:db8::5' }, { ip: '127.0.0.1' }, { ip: '::1' }],
    ],
  ])('%s', (_name, wanted, expected) => {
    expect(listenAddresses(wanted, interfaces)).toEqual(expected);
  });
});
