import { expect, it } from 'vitest';
import { explainSrtRefusal } from '#src/stream/srt/srt-refusal.js';

const none = { hasPassphrase: false, hasStreamId: false };

it.each([
  [{ outcome: 'refused' }, none, 'refused', 'nothing takes SRT'],
  [{ outcome: 'silent' }, none, 'silent', 'firewalls'],
  [{ outcome: 'accepted' }, { ...none, hasPassphrase: true }, 'passphrase', 'does not encrypt'],
  [{ outcome: 'accepted' }, none, 'lost', 'this one ended'],
  [{ outcome: 'rejected', reason: 1011 }, none, 'passphrase', 'asks for a passphrase'],
  [{ outcome: 'rejected', reason: 1011 }, { ...none, hasPassphrase: true }, 'passphrase', 'refuses the passphrase'],
  [{ outcome: 'rejected', reason: 2404 }, { ...none, hasStreamId: true }, 'stream-id', 'refuses the stream id (2404)'],
  [{ outcome: 'rejected', reason: 1002 }, none, 'stream-id', 'add ?streamid='],
  [{ outcome: 'rejected', reason: 2503 }, none, 'busy', 'no more calls'],
  [{ outcome: 'rejected', reason: 1008 }, none, 'protocol', 'another version'],
  [{ outcome: 'rejected', reason: 1006 }, none, 'protocol', 'reason 1006'],
] as const)('%j', (probe, secrets, kind, words) => {
  const refusal = explainSrtRefusal(probe, secrets);

  expect(refusal.kind).toBe(kind);
  expect(refusal.text).toContain(words);
});
