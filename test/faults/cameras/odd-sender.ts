import type { OddCamera } from './odd-camera.js';
import { rtpTimeOf } from './odd-clock.js';
import type { OddTrack } from './odd-tracks.js';

type Send = (packet: Buffer, isRtcp: boolean) => void;

interface Lane {
  readonly track: OddTrack;
  readonly index: number;
  readonly send: Send;
  readonly ssrc: number;
  next: number;
  /** The unit that is sent as the first of its clip. */
  origin: number;
  /** Keyframes that the camera had been asked for then. */
  asked: number;
  sequence: number;
  packets: number;
  bytes: number;
  lastReportMs: number;
}

const TICK_MS = 5;
const REPORT_MS = 1000;
const SECONDS_TO_1970 = 2_208_988_800;

/** Sends the tracks that a client has set up, each unit when its time has come. */
export class OddSender {
  readonly #camera: OddCamera;
  readonly #lanes: Lane[] = [];
  #timer: NodeJS.Timeout | undefined;
  #startedMs = 0;
  /** By the camera's clock. */
  #startedS = 0;

  constructor(camera: OddCamera) {
    this.#camera = camera;
  }

  add(index: number, send: Send): void {
    const track = this.#camera.tracks[index];
    if (!track) return;
    const ssrc = Math.floor(Math.random() * 2 ** 32);
    this.#lanes.push({
      track,
      index,
      send,
      ssrc,
      next: 0,
      origin: 0,
      asked: 0,
      sequence: 0,
      packets: 0,
      bytes: 0,
      lastReportMs: 0,
    });
  }

  start(): void {
    if (this.#timer) return;
    this.#startedMs = performance.now();
    this.#startedS = this.#clockS();
    for (const lane of this.#lanes) lane.next = this.#due(lane.track);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#lanes.length = 0;
  }

  /** The camera's clock. */
  #clockS(): number {
    return ((performance.now() - this.#camera.epochMs) / 1000) * (this.#camera.options.clock?.rate ?? 1);
  }

  /** Units whose time has come, since the camera started. */
  #due({ timeline }: OddTrack): number {
    return timeline.dueAt(this.#clockS());
  }

  #rtpTime(clockS: number, { clockRate }: OddTrack): number {
    return rtpTimeOf(clockS, this.#startedS, clockRate, this.#camera.options.clock ?? {});
  }

  #tick(): void {
    const { lateSoundS = 0 } = this.#camera.options;
    for (const lane of this.#lanes) {
      if (lane.track.media === 'audio' && performance.now() - this.#startedMs < lateSoundS * 1000) continue;
      for (const due = this.#due(lane.track); lane.next <= due; lane.next++) {
        const { isPaused = false } = this.#camera.options;
        if (isPaused !== true && isPaused !== lane.track.media) this.#sendUnit(lane);
      }
      if (performance.now() - lane.lastReportMs > REPORT_MS) this.#report(lane);
    }
  }

  #sendUnit(lane: Lane): void {
    const { track, next, ssrc, send } = lane;
    const asked = this.#camera.forcedKeyframes;
    if (track.media === 'video' && lane.asked !== asked) Object.assign(lane, { asked, origin: next });
    const time = this.#rtpTime(track.timeline.atS(next), track);
    for (const { payload, isLast } of track.payloads(next - lane.origin)) {
      const packet = Buffer.alloc(12 + payload.length);
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(track.payloadType | (isLast ? 0x80 : 0), 1);
      packet.writeUInt16BE(lane.sequence++ & 0xffff, 2);
      packet.writeUInt32BE(time, 4);
      packet.writeUInt32BE(ssrc, 8);
      payload.copy(packet, 12);
      lane.packets += 1;
      lane.bytes += payload.length;
      send(packet, false);
    }
  }

  /** RFC 3550: a sender report, and the name that joins the tracks. */
  #report(lane: Lane): void {
    const nowMs = performance.now();
    lane.lastReportMs = nowMs;
    const clockMs = this.#camera.options.senderClock?.(lane.index, (nowMs - this.#startedMs) / 1000);
    if (clockMs === undefined || lane.packets === 0) return;
    const { track, ssrc, send } = lane;
    const seconds = clockMs / 1000 + (clockMs === 0 ? 0 : SECONDS_TO_1970);
    const report = Buffer.alloc(28);
    report.writeUInt16BE(0x80c8, 0);
    report.writeUInt16BE(6, 2);
    report.writeUInt32BE(ssrc, 4);
    report.writeUInt32BE(Math.floor(seconds) >>> 0, 8);
    report.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32) >>> 0, 12);
    report.writeUInt32BE(this.#rtpTime(this.#clockS(), track), 16);
    report.writeUInt32BE(lane.packets, 20);
    report.writeUInt32BE(lane.bytes >>> 0, 24);
    const name = Buffer.alloc(24);
    name.writeUInt16BE(0x81ca, 0);
    name.writeUInt16BE(5, 2);
    name.writeUInt32BE(ssrc, 4);
    name.writeUInt16BE(0x010a, 8);
    name.write('odd@camera', 10);
    send(Buffer.concat([report, name]), true);
  }
}
