/**
 * What an answer brings: Motion JPEG without end · one picture · a playlist of HLS · an MPEG transport stream · a page
 * for people · something else.
 */
export type HttpContent = 'mjpeg' | 'jpeg' | 'hls' | 'mpegts' | 'page' | 'other';

/** So many bytes tell what an answer is. */
export const SNIFFED_BYTES = 512;

const MJPEG = /^(?:multipart\/|video\/(?:x-)?(?:motion-)?m?jpe?g$)/;
const JPEG = /^image\/(?:p?jpe?g|x-jpe?g)$/;
const HLS = /mpegurl/;
const MPEG_TS = /^video\/(?:mp2t|mpegts|x-mpegts)$/;
const TS_PACKET_BYTES = 188;
const TS_SYNC = 0x47;

/**
 * Tells what an answer brings. What its bytes say counts before what its header says, which is often wrong.
 *
 * @param contentType - in lower case, without parameters
 * @param begin - the first bytes
 * @param hasLength - whether the answer says how long it is
 */
export function contentOf(contentType: string, begin: Buffer, hasLength: boolean): HttpContent {
  const text = begin
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (text.startsWith('#EXTM3U')) return 'hls';
  if (begin[0] === 0xff && begin[1] === 0xd8) return hasLength || JPEG.test(contentType) ? 'jpeg' : 'mjpeg';
  if (MJPEG.test(contentType) || /^--\S/.test(text)) return 'mjpeg';
  if (JPEG.test(contentType)) return 'jpeg';
  const second = begin[TS_PACKET_BYTES];
  const isTransport = begin[0] === TS_SYNC && (second === undefined || second === TS_SYNC);
  if (MPEG_TS.test(contentType) || (isTransport && begin.length > 1)) return 'mpegts';
  if (/^<(?:!doctype|html|head|body|script)/i.test(text) || contentType === 'text/html') return 'page';
  return HLS.test(contentType) ? 'hls' : 'other';
}

/** The first type that a part of a multipart body names; `undefined` where none does. */
export const partTypeOf = (begin: Buffer): string | undefined =>
  /^content-type:\s*([\w/+.-]+)/im.exec(begin.toString('latin1'))?.[1]?.toLowerCase();
