/** What RTP caps say of a stream; fields are absent where the caps leave them open. */
export interface RtpCaps {
  /** `video`, `audio` or `application`. */
  readonly media?: string;
  /** Of the SDP's rtpmap, in upper case, e.g. `H264`; of a static payload type without one the name that it stands for. */
  readonly encoding?: string;
  /** Payload type, 0 to 127. */
  readonly payload?: number;
  /** Whether the description brings the configuration of the decoder (`config` of the SDP's fmtp). */
  readonly hasConfiguration: boolean;
}

/** Names of the static payload types that cameras send (RFC 3551, tables 4 and 5). */
const STATIC_ENCODINGS: Readonly<Record<number, string>> = {
  0: 'PCMU',
  3: 'GSM',
  8: 'PCMA',
  9: 'G722',
  10: 'L16',
  11: 'L16',
  14: 'MPA',
  26: 'JPEG',
};

/** `name=(type)value`; a value may be in quotes. */
const FIELD = /([\w-]+)=\(\w+\)(?:"((?:[^"\\]|\\.)*)"|([^,;]+))/g;

/** Reads the text of fixed `application/x-rtp` caps; other text says nothing. */
export function parseRtpCaps(text: string): RtpCaps {
  const fields = new Map(
    [...text.matchAll(FIELD)].map(([, name = '', quoted, plain]) => [name, quoted ?? plain ?? '']),
  );
  const media = fields.get('media');
  const payload = Number(fields.get('payload') ?? Number.NaN);
  const encoding = fields.get('encoding-name')?.toUpperCase() ?? STATIC_ENCODINGS[payload];
  return {
    ...(media !== undefined && { media }),
    ...(encoding !== undefined && { encoding }),
    ...(Number.isInteger(payload) && { payload }),
    hasConfiguration: (fields.get('config') ?? '') !== '',
  };
}
