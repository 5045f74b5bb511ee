import { describe, expect, it } from 'vitest';
import { StreamAdmission, type MachineRoom } from '#src/gateway/access/stream-admission.adapter.js';
import { gatewaySchema, streamSchema } from '#src/shared/config/schema.js';

const stream = (width: number, height: number) =>
  streamSchema.parse({ source: { url: 'test:' }, output: { width, height } });
const FULL_HD = stream(1920, 1080);
const SMALL = stream(640, 360);

const roomOf = (used: number): MachineRoom => ({ units: 4, origin: 'measured at 2026-03-01', used: () => used });
const CLUSTER = { etcd: { endpoints: ['http://etcd:2379'] }, host: 'a', url: 'http://a', key: 'k'.repeat(32) };
const inCluster = new StreamAdmission(
  gatewaySchema.parse({ limits: { freeMemoryMb: 0 }, cluster: CLUSTER }),
  roomOf(9),
);
const admissionWith = (streams: number | 'auto', room?: MachineRoom): StreamAdmission =>
  new StreamAdmission(gatewaySchema.parse({ limits: { streams, freeMemoryMb: 0 } }), room);

describe('one stream more', () => {
  it.each<readonly [string, StreamAdmission, typeof FULL_HD, number]>([
    ['what was measured leaves room', admissionWith('auto', roomOf(2.9)), FULL_HD, 200],
    ['it is small enough for what is left', admissionWith('auto', roomOf(3.4)), SMALL, 2],
    ['there is none yet, and the machine is too small', admissionWith('auto', roomOf(4)), FULL_HD, 0],
    ['a number allows it, whatever was measured', admissionWith(3, roomOf(9)), FULL_HD, 2],
    ['nothing was measured, and there are few', admissionWith('auto'), FULL_HD, 63],
    ['hosts of a cluster decide', inCluster, FULL_HD, 200],
  ])('is taken where %s', (_what, admission, wanted, count) => {
    expect(() => admission.admitOneMore(wanted, count)).not.toThrow();
  });

  it.each<readonly [string, StreamAdmission, typeof FULL_HD, number, RegExp]>([
    [
      'the others take more than they were expected to',
      admissionWith('auto', roomOf(3.4)),
      FULL_HD,
      2,
      /the 2 streams that there are take 3\.4 of 4 units \(measured at 2026-03-01\), and this one is estimated to take 1; .*limits\.streams/,
    ],
    ['a number does not allow it', admissionWith(3, roomOf(0)), FULL_HD, 3, /there are 3 streams.*limits\.streams/],
    ['nothing was measured, and there are many', admissionWith('auto'), FULL_HD, 64, /there are 64 streams/],
  ])('is refused where %s', (_what, admission, wanted, count, message) => {
    const admit = (): void => admission.admitOneMore(wanted, count);

    expect(admit).toThrow(expect.objectContaining({ code: 'DIPTYCH_E_LIMIT_STREAMS', status: 429 }));
    expect(admit).toThrow(
      expect.objectContaining({ headers: { 'retry-after': expect.stringMatching(/^\d+$/) as string } }),
    );
    expect(admit).toThrow(message);
  });
});
