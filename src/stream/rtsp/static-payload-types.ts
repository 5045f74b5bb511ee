/** What a payload type stands for. */
export interface PayloadFormat {
  /** As in `a=rtpmap`, in capitals. */
  readonly encoding: string;
  /** Of the RTP time stamps, Hz. */
  readonly clockRate: number;
  /** Of sound; absent where the format says nothing of it. */
  readonly channels?: number;
}

const audio = (encoding: string, clockRate = 8000, channels = 1): PayloadFormat => ({ encoding, clockRate, channels });
const video = (encoding: string): PayloadFormat => ({ encoding, clockRate: 90_000 });

/**
 * Payload types that need no `a=rtpmap` (RFC 3551, tables 4 and 5). The clock rate of G.722 is 8000 by mistake of an
 * older standard, though its samples are 16 kHz.
 */
export const STATIC_PAYLOAD_TYPES: ReadonlyMap<number, PayloadFormat> = new Map([
  [0, audio('PCMU')],
  [3, audio('GSM')],
  [4, audio('G723')],
  [5, audio('DVI4')],
  [6, audio('DVI4', 16_000)],
  [7, audio('LPC')],
  [8, audio('PCMA')],
  [9, audio('G722')],
  [10, audio('L16', 44_100, 2)],
  [11, audio('L16', 44_100)],
  [12, audio('QCELP')],
  [13, audio('CN')],
  [14, { encoding: 'MPA', clockRate: 90_000 }],
  [15, audio('G728')],
  [16, audio('DVI4', 11_025)],
  [17, audio('DVI4', 22_050)],
  [18, audio('G729')],
  [25, video('CELB')],
  [26, video('JPEG')],
  [28, video('NV')],
  [31, video('H261')],
  [32, video('MPV')],
  [33, video('MP2T')],
  [34, video('H263')],
]);
