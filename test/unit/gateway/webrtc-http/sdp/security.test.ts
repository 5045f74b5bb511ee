import { describe, expect, it } from 'vitest';
import { answeredSetup, remoteDtls, type OfferedDtls } from '#src/gateway/webrtc-http/sdp/security.js';

describe('the roles of DTLS', () => {
  it.each<[OfferedDtls['setup'], string, string]>([
    ['actpass', 'client', 'passive'],
    ['active', 'client', 'passive'],
    ['passive', 'server', 'active'],
  ])('setup:%s', (setup, remoteRole, answer) => {
    const dtls: OfferedDtls = { setup, fingerprint: { algorithm: 'sha-256', value: 'AA' } };

    expect(remoteDtls(dtls)).toEqual({ role: remoteRole, fingerprints: [dtls.fingerprint] });
    expect(answeredSetup(dtls)).toBe(answer);
  });
});
