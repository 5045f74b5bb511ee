import { expect, it } from 'vitest';
import { pipeAddress } from '#src/gateway/cluster/edges/pipe-address.js';

const addresses = ['10.0.0.11', '192.168.1.5', '127.0.0.1'];

it.each([
  ['that of media, where it listens on one', '10.0.0.12', '10.0.0.11', '10.0.0.13', '10.0.0.12'],
  ['the one by which the hosts know each other', '0.0.0.0', '192.168.1.5', '192.168.1.6', '192.168.1.5'],
  ['the same in the form of IPv6', '::', '::ffff:192.168.1.5', '::ffff:192.168.1.6', '192.168.1.5'],
  ['the same of IPv6', '::', 'fd00::5', 'fd00::6', 'fd00::5'],
  [
    'that of the network, where a proxy of this machine stands between',
    '0.0.0.0',
    '127.0.0.1',
    '127.0.0.1',
    '10.0.0.11',
  ],
  ['that of the connection, where media listens on a name', 'localhost', '::1', '10.0.0.2', '::1'],
  ['the first one, where the connection has gone', '0.0.0.0', undefined, undefined, '10.0.0.11'],
])('is %s', (_name, listenIp, localAddress, remoteAddress, expected) => {
  expect(pipeAddress({ listenIp, localAddress, remoteAddress, addresses })).toBe(expected);
});

it('stays on loopback, where the machine has nothing else', () => {
  const options = { listenIp: '0.0.0.0', localAddress: '127.0.0.1', remoteAddress: '127.0.0.1' };
  expect(pipeAddress({ ...options, addresses: ['127.0.0.1'] })).toBe('127.0.0.1');
});
