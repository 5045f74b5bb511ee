import { expect, it } from 'vitest';
import { failureText } from '#src/viewer/failure-text.js';

it.each([
  ['there is a stream "hall" already; choose another id', 'There is a stream "hall" already; choose another id.'],
  [
    'source.url: a source cannot be ftp:…; use rtsp:// or a path (rtsp://…, srt://host:port (calls), srt://:port (is called), a plain path)',
    'A source cannot be ftp:…; use rtsp:// or a path.',
  ],
  [
    'url: use rtmp://host/app/key; got "http://x" (where to publish: with the stream key behind the application, or without)',
    'Use rtmp://host/app/key.',
  ],
  [
    'output.width: expected a whole number from 320 to 3840, got 5 (width of the output, pixels; higher is sharper); leave it out for 1920',
    'Width, pixels: expected a whole number from 320 to 3840, got 5; leave it out for 1920.',
  ],
  [
    'its certificate is self-signed; set source.tls.fingerprint to "sha256 AB"; see source.nosuch',
    'Its certificate is self-signed; set “Fingerprint of the certificate” to "sha256 AB"; see source.nosuch.',
  ],
  ['streams.later: is missing', 'Streams.later: is missing.'],
  ['the server refuses it (NetConnection.Rejected)', 'The server refuses it (NetConnection.Rejected).'],
  ['brackets ) that ( do not match', 'Brackets ) that ( do not match.'],
  ['id: use letters, digits and dashes, at most 63; got "x \\" y"', 'Use letters, digits and dashes, at most 63.'],
])('%s', (message, text) => {
  expect(failureText(message)).toBe(text);
});
