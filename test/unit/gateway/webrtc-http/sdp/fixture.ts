import { readFileSync } from 'node:fs';
import type { AnsweredTransport } from '#src/gateway/webrtc-http/sdp/answer.js';

/** An offer of a browser or a program, as it sends it. */
export const offerOf = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/sdp/${name}.sdp`, import.meta.url), 'utf8').replace(/\n/g, '\r\n');

/** What mediasoup says of a transport. */
export const TRANSPORT: AnsweredTransport = {
  iceParameters: { usernameFragment: 'serverfrag', password: 'p'.repeat(32), iceLite: true },
  iceCandidates: [
    {
      foundation: 'udpcandidate',
      priority: 1076302079,
      ip: '192.0.2.1',
      address: '192.0.2.1',
      port: 40000,
      protocol: 'udp',
      type: 'host',
    },
    {
      foundation: 'tcpcandidate',
      priority: 1076276479,
      ip: '2001:db8::1',
      address: '2001:db8::1',
      port: 40000,
      protocol: 'tcp',
      type: 'host',
      tcpType: 'passive',
    },
  ],
  dtlsParameters: {
    role: 'auto',
    fingerprints: [
      { algorithm: 'sha-1', value: 'AA' },
      { algorithm: 'sha-256', value: 'BB:CC' },
    ],
  },
};
