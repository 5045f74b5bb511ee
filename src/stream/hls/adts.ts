/** Sampling rates of AAC by their index, Hz. */
const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
const HEADER_BYTES = 7;
const SAMPLES_A_FRAME = 1024;

/** What the frames of a stream of AAC have in common. */
export interface AacConfig {
  /** As in MPEG-4, 1 to 4. */
  readonly objectType: number;
  /** Index of the sampling rate, 0 to 12. */
  readonly rateIndex: number;
  /** As in MPEG-4, 0 to 7. */
  readonly channels: number;
}

/** A frame of AAC with its header. */
export interface AdtsFrame {
  /** Header and frame. */
  readonly data: Buffer;
  /** Of its first sample, after that of the first frame, ms. */
  readonly offsetMs: number;
}

/** The frames that are whole, and the bytes of what is not; what is no frame is left out. */
export function splitAdts(bytes: Buffer): { readonly frames: readonly AdtsFrame[]; readonly rest: Buffer } {
  const frames: AdtsFrame[] = [];
  let offsetMs = 0;
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const rate = RATES[((bytes[at + 2] ?? 0) >> 2) & 0xf];
    const length = ((bytes.readUInt32BE(at + 3) >> 13) & 0x1fff) | 0;
    const isFrame = bytes[at] === 0xff && ((bytes[at + 1] ?? 0) & 0xf6) === 0xf0;
    if (!isFrame || rate === undefined || length < HEADER_BYTES) {
      at += 1;
      continue;
    }
    if (at + length > bytes.length) break;
    frames.push({ data: bytes.subarray(at, at + length), offsetMs });
    offsetMs += (SAMPLES_A_FRAME * (((bytes[at + 6] ?? 0) % 4) + 1) * 1000) / rate;
    at += length;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** A frame of AAC with a header before it. */
export function withAdtsHeader(frame: Uint8Array, { objectType, rateIndex, channels }: AacConfig): Buffer {
  const length = frame.length + HEADER_BYTES;
  const header = Buffer.from([
    0xff,
    0xf1,
    ((objectType - 1) << 6) | (rateIndex << 2) | (channels >> 2),
    ((channels & 3) << 6) | ((length >> 11) & 3),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 0x1f,
    0xfc,
  ]);
  return Buffer.concat([header, frame]);
}

/**
 * Reads an AudioSpecificConfig. Of AAC with spectral band replication it is that of the core, which decoders extend by
 * themselves. `undefined` where a header of ADTS cannot say it.
 */
export function parseAudioConfig(bytes: Buffer): AacConfig | undefined {
  if (bytes.length < 2) return undefined;
  const bits = bytes.readUInt16BE(0);
  const named = bits >> 11;
  const objectType = named === 5 || named === 29 ? 2 : named;
  const rateIndex = (bits >> 7) & 0xf;
  const channels = (bits >> 3) & 0xf;
  if (objectType < 1 || objectType > 4 || rateIndex >= RATES.length || channels > 7) return undefined;
  return { objectType, rateIndex, channels };
}
