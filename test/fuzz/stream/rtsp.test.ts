import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseChallenges } from '#src/stream/rtsp/rtsp-auth.js';
import { baseUriOf, controlUri, methodsOf, sessionOf, transportOf } from '#src/stream/rtsp/rtsp-headers.js';
import { headersOf, RtspParser, RtspSyntaxError, type RtspItem } from '#src/stream/rtsp/rtsp-message.js';
import { senderReportOf } from '#src/stream/rtsp/sender-report.js';
import {
  describeTrack,
  parseSessionDescription,
  writeSessionDescription,
} from '#src/stream/rtsp/session-description.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyText, editBytes, editText } from '../harness/junk.js';

const SDP = [
  'v=0',
  'o=- 1 1 IN IP4 192.168.1.2',
  's=Media',
  'c=IN IP4 0.0.0.0',
  't=0 0',
  'a=control:*',
  'a=range:npt=0-',
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1;profile-level-id=64001F;sprop-parameter-sets=Z2QAH6zZQFAFuwFqAgICgAAAAwCAAAAZB4wYyw==,aOvjyyLA',
  'a=framesize:96 1280-720',
  'a=rtcp-fb:96 nack pli',
  'a=control:track1',
  'm=video 0 RTP/AVP 97',
  'a=rtpmap:97 H265/90000',
  'a=fmtp:97 sprop-vps=QAEMAf//AWAAAAMAAAMAAAMAAAMAlqwJ;sprop-sps=QgEBAWAAAAMAAAMAAAMAAAMAlqABQCAFoWUrkk3/;sprop-pps=RAHA8vA8kA==',
  'a=control:track2',
  'm=audio 0 RTP/AVP 0 8 97',
  'a=rtpmap:97 MPEG4-GENERIC/48000/2',
  'a=fmtp:97 streamtype=5;mode=AAC-hbr;config=1190;sizeLength=13',
  'a=control:track3',
  'a=sendonly',
  'm=application 0 RTP/AVP 107',
  'a=rtpmap:107 vnd.onvif.metadata/90000',
  '',
].join('\r\n');
const SDP_PIECES = [
  '\r\n',
  '\n',
  '\0',
  'm=video 0 RTP/AVP 26\r\n',
  'm=audio',
  'a=rtpmap:',
  'a=fmtp:96 ',
  ';',
  '=',
  ',',
  'sprop-sps=',
  'AAAA',
  '/////w==',
  '999999',
  '-1',
  ' ',
  'a=control:\r\n',
  'a=framesize:96 0-0\r\n',
  'é',
  '\ud800',
  'm=video 0 RTP/AVP 300\r\n',
  'a=x:'.repeat(500),
];

const sdp = fc.oneof(
  { weight: 5, arbitrary: anyEdits.map((edits) => editText(SDP, edits, SDP_PIECES)) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(...SDP_PIECES, ...SDP.split('\r\n').map((line) => `${line}\r\n`)), { maxLength: 40 })
      .map((lines) => lines.join('')),
  },
  { weight: 1, arbitrary: anyText },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...SDP_PIECES), fc.nat({ max: 1000 }))
      .map(([piece, times]) => piece.repeat(times)),
  },
);

it('a session description of any kind is read, and written with nothing that ends a line', () =>
  fuzz({
    name: 'sdp',
    inputs: sdp,
    check: (text) => {
      const { tracks } = parseSessionDescription(text);

      expect(tracks.length).toBeLessThanOrEqual(32);
      const written = writeSessionDescription(tracks, () => 'x');
      for (const line of written.split('\r\n')) expect(line).toMatch(/^([a-z]=[^\r\n\0]*)?$/);
      for (const track of tracks) expect(describeTrack(track).length).toBeGreaterThan(3);
    },
  }));

const ANSWERS = [
  `RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Base: rtsp://h/x/\r\nContent-Type: application/sdp\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`,
  'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Digest realm="a, b", nonce="c\\"d", algorithm=SHA-256, qop="auth"\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n',
  'RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 12345678;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=1234ABCD\r\n\r\n$\x00\x00\x04abcd$\x01\x00\x08\x80\xc8\x00\x06aaaa',
  'RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: x\r\nTransport: RTP/AVP;unicast;client_port=5000-5001;server_port=6970-6971;source=1.2.3.4\r\nPublic: OPTIONS, DESCRIBE, GET_PARAMETER\r\n\r\n',
  'OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n',
].map((text) => Buffer.from(text, 'latin1'));

const bytes = fc
  .tuple(
    fc.array(fc.tuple(fc.constantFrom(...ANSWERS), anyEdits, fc.boolean()), { minLength: 1, maxLength: 4 }),
    fc.array(fc.nat({ max: 300 }), { maxLength: 8 }),
  )
  .map(([parts, cuts]) => ({
    content: Buffer.concat(parts.map(([part, edits, isWhole]) => (isWhole ? part : editBytes(part, edits)))),
    cuts,
  }));

/** In the pieces in which they come. */
function* piecesOf(content: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const cut of cuts) {
    yield content.subarray(from, from + cut);
    from += cut;
  }
  yield content.subarray(from);
}

function expectReadable(item: RtspItem): void {
  if (item.type !== 'response') return;
  const session = sessionOf(item);
  const transport = transportOf(item);
  const base = baseUriOf(item, 'rtsp://h/x');
  expect(controlUri(base, 'track1')).toMatch(/^[^\r\n]*$/);
  expect([session === undefined, transport === undefined, methodsOf(item).size >= 0]).toHaveLength(3);
  for (const header of headersOf(item, 'www-authenticate')) expect(Array.isArray(parseChallenges(header))).toBe(true);
}

it('what a camera answers is taken apart, or ends the connection with one error', () =>
  fuzz({
    name: 'rtsp-answers',
    inputs: bytes,
    check: ({ content, cuts }) => {
      const parser = new RtspParser();
      try {
        for (const piece of piecesOf(content, cuts)) {
          for (const item of parser.push(piece)) {
            expectReadable(item);
            if (item.type === 'frame') senderReportOf(item.bytes.subarray(4));
          }
        }
        parser.takeUnfinished();
      } catch (error) {
        if (!(error instanceof RtspSyntaxError)) throw error;
      }
    },
  }));
