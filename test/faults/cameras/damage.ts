import { seededRandom } from '#src/shared/random.js';
import type { OddCamera } from './odd-camera.js';
import type { OddPayload } from './odd-tracks.js';

/** Spoils the payload of an RTP packet; `random` gives numbers from 0 to 1. */
type Damage = (payload: Buffer, random: () => number) => Buffer;

/** Which packets of a camera are spoiled; may be changed while it runs. */
export interface DamageControl {
  /** So many packets more. */
  left: number;
  /** Share of the packets meanwhile, from 0 to 1. */
  ratio: number;
  random: () => number;
}

const whole = (random: () => number, below: number): number => Math.floor(random() * below);

const noise = (bytes: number, random: () => number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, () => whole(random, 256)));

/** Some bytes become others. */
const changeBytes: Damage = (payload, random) => {
  const changed = Buffer.from(payload);
  for (let i = 0; i < 1 + random() * 30; i += 1) changed[whole(random, changed.length)] = whole(random, 256);
  return changed;
};

/** Some bits are turned over. */
const flipBits: Damage = (payload, random) => {
  const changed = Buffer.from(payload);
  for (let i = 0; i < 1 + random() * 8; i += 1) {
    const at = whole(random, changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << whole(random, 8));
  }
  return changed;
};

/** The first two bytes say what follows, in H.264, H.265 and AAC alike. */
const replaceHeader: Damage = (payload, random) => {
  const changed = Buffer.from(payload);
  changed[0] = whole(random, 256);
  if (random() < 0.5 && changed.length > 1) changed[1] = whole(random, 256);
  return changed;
};

/** Headers of parameter sets of H.264 (SPS, PPS, SPS of another importance) and H.265 (VPS, SPS, PPS). */
const PARAMETER_SETS = [[0x67], [0x68], [0x27], [0x40, 0x01], [0x42, 0x01], [0x44, 0x01]] as const;

const parameterSets: Damage = (_, random) =>
  Buffer.concat([
    Buffer.from(PARAMETER_SETS[whole(random, PARAMETER_SETS.length)] ?? []),
    noise(whole(random, 60), random),
  ]);

const KINDS: readonly Damage[] = [
  ...[changeBytes, changeBytes, flipBits, flipBits, replaceHeader, parameterSets],
  (payload, random) => payload.subarray(0, whole(random, payload.length)),
  (payload, random) => Buffer.concat([payload, noise(whole(random, 400), random)]),
  (payload, random) => noise(payload.length, random),
];

/** The payload as a bad line, or a camera with a fault, may send it. */
const damaged: Damage = (payload, random) => (KINDS[whole(random, KINDS.length)] ?? changeBytes)(payload, random);

/** Ends that are left of packets which are cut right behind the headers of their parts: RFC 6184, RFC 7798. */
const CUT = {
  h264: [
    [0x7c],
    [0x7c, 0x05],
    [0x7d, 0x05, 0x00, 0x01],
    [0x78],
    [0x78, 0x00],
    [0x79],
    [0x79, 0x00],
    [0x79, 0x00, 0x01],
  ],
  h265: [[0x62], [0x62, 0x01], [0x62, 0x01, 0x13], [0x60], [0x60, 0x01], [0x60, 0x01, 0x00], [0x02]],
} as const;

/** Has a camera send such ends instead of packets, at first none. */
export function cutPackets(camera: OddCamera, codec: keyof typeof CUT): DamageControl {
  let sent = 0;
  const next: Damage = () => Buffer.from(CUT[codec][sent++ % CUT[codec].length] ?? []);
  return spoilPackets(camera, seededRandom(3), next);
}

/** Has a camera send packets that are damaged, at first none. */
export const damagePackets = (camera: OddCamera, random: () => number): DamageControl =>
  spoilPackets(camera, random, damaged);

function spoilPackets(camera: OddCamera, random: () => number, spoil: Damage): DamageControl {
  const control: DamageControl = { left: 0, ratio: 0.4, random };
  for (const track of camera.tracks) {
    const payloads = track.payloads.bind(track);
    track.payloads = (n: number): OddPayload[] =>
      payloads(n).map((each) => {
        if (control.left <= 0 || control.random() > control.ratio) return each;
        control.left -= 1;
        return { ...each, payload: spoil(each.payload, control.random) };
      });
  }
  return control;
}
