import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterEach, closing, endOf, frames, known, open } from './source-fixture.js';
import { HttpCamera, isAuthorized, jpegPictures, sendMjpeg, type Answer, type MjpegStyle } from './http-camera.js';
import { selfSigned } from './self-signed.js';

closeAfterEach();

let pictures: Buffer[] = [];

beforeAll(() => {
  pictures = jpegPictures();
});

async function camera(answer: Answer, identity?: ConstructorParameters<typeof HttpCamera>[1]): Promise<HttpCamera> {
  const server = await new HttpCamera(answer, identity).listen();
  closing.push(() => server.close());
  return server;
}

const mjpeg =
  (style: MjpegStyle = {}): Answer =>
  (_, response) =>
    sendMjpeg(response, pictures, style);

describe('Motion JPEG over HTTP', () => {
  it.each<[string, MjpegStyle]>([
    [
      'as Axis writes it',
      {
        contentType: 'multipart/x-mixed-replace; boundary=myboundary',
        head: (n) => `--myboundary\r\nContent-Type: image/jpeg\r\nContent-Length: ${n}\r\n\r\n`,
      },
    ],
    [
      'as ESP32-CAM writes it',
      {
        contentType: 'multipart/x-mixed-replace;boundary=123456789000000000000987654321',
        head: (n) =>
          `\r\n--123456789000000000000987654321\r\nContent-Type: image/jpeg\r\nContent-Length: ${n}\r\nX-Timestamp: 1.2\r\n\r\n`,
        tail: '',
      },
    ],
    [
      'with a quoted boundary that has the dashes',
      {
        contentType: 'multipart/x-mixed-replace; boundary="--frame"',
        head: () => '--frame\r\nContent-type: image/jpeg\r\n\r\n',
      },
    ],
    ['with another boundary than said, without lengths', { head: () => '--other\r\nContent-Type: image/jpeg\r\n\r\n' }],
    [
      'with wrong lengths',
      { head: (n) => `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${Math.round(n / 3)}\r\n\r\n` },
    ],
    ['with lengths that are too large', { head: (n) => `--frame\nContent-Length: ${n * 4}\n\n`, tail: '\n' }],
    ['without boundaries and types', { contentType: '', head: () => '', tail: '' }],
    ['as video/x-motion-jpeg', { contentType: 'video/x-motion-jpeg', head: () => '', tail: 'junk between' }],
  ])('%s plays', async (_, style) => {
    const session = await open((await camera(mjpeg(style))).url('/?action=stream'));
    const info = known(session, ({ fps, codec }) => fps !== undefined && codec !== undefined);

    const all = await frames(session, 100);

    expect(all.every(({ ptsMs, arrivedMs }) => arrivedMs - ptsMs < 3000)).toBe(true);
    expect(await info).toMatchObject({
      codec: 'Motion JPEG',
      width: 320,
      height: 180,
      audio: 'none',
      transport: 'tcp',
    });
  });

  it('plays single pictures by asking again, not more often than wanted', async () => {
    let asked = 0;
    const server = await camera((_, response) => {
      const picture = pictures[asked++ % pictures.length];
      // Now and then there is none.
      if (asked % 5 === 0) response.writeHead(503).end();
      else response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture);
    });
    const begun = performance.now();

    const session = await open(server.url('/snapshot.jpg'), { pollFps: 10 });
    expect(await frames(session, 12)).toHaveLength(12);

    expect(asked / ((performance.now() - begun) / 1000)).toBeLessThanOrEqual(12);
    const { transportReason } = await known(session, (info) => info.transportReason !== undefined);
    expect(transportReason).toBe('HTTP, single pictures, 10 a second at most');
  });

  it.each([
    ['Basic', 'Basic realm="cam"', 'md5'],
    ['Digest with MD5', 'Digest realm="cam", nonce="n1", qop="auth"', 'md5'],
    ['Digest with SHA-256', 'Digest realm="cam", nonce="n1", qop="auth", algorithm=SHA-256', 'sha256'],
  ])('answers %s, and sends no password elsewhere', async (_, challenge, hash) => {
    const other = await camera((request, response) => {
      if (request.headers.authorization === undefined) sendMjpeg(response, pictures);
      else response.writeHead(500).end();
    });
    const guarded = await camera((request, response) => {
      if (isAuthorized(request, 'p@ss', hash)) {
        response.writeHead(302, { location: `http://localhost:${other.port}/live?token=1` }).end();
      } else response.writeHead(401, { 'www-authenticate': challenge }).end();
    });

    const session = await open(guarded.url('/video?q=1'), { user: 'admin', password: 'p@ss' });

    expect(await frames(session, 5)).toHaveLength(5);
    expect(other.requests).toEqual([{ path: '/live?token=1', authorization: undefined }]);
    const wrong = open(guarded.url('/video?q=1').replace('//', '//admin:geheim@'));
    await expect(wrong).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_AUTH' });
    await expect(wrong).rejects.not.toThrow('geheim');
  });

  it('takes a certificate that is pinned, or none is asked of, and names one that is refused', async () => {
    const identity = selfSigned();
    const server = await camera(mjpeg(), identity);
    const { fingerprint256 } = new X509Certificate(identity.cert);

    const refused = open(server.url());

    await expect(refused).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_TLS' });
    await expect(refused).rejects.toThrow(`set source.tls.fingerprint to "sha256 ${fingerprint256}"`);
    expect(server.requests).toEqual([]);
    for (const tls of [{ fingerprint: `sha256 ${fingerprint256}` }, { verify: false }]) {
      const session = await open(server.url(), { tls });
      expect(await frames(session, 3)).toHaveLength(3);
      await session.close();
    }
  });

  it.each<[string, Answer, string, string]>([
    ['a page', (_, response) => response.end('<!DOCTYPE html><html></html>'), 'FORMAT', 'a page for people'],
    ['no such path', (_, response) => response.writeHead(404).end(), 'PATH', 'check the path'],
    ['a circle', (_, response) => response.writeHead(301, { location: '/' }).end(), 'REDIRECT', 'in a circle'],
    ['forbidden', (_, response) => response.writeHead(403).end(), 'AUTH', 'forbids'],
    ['too many viewers', (_, response) => response.writeHead(503).end(), 'BUSY', 'another viewer'],
    ['a film', (_, response) => response.setHeader('content-type', 'video/mp4').end('ftyp'), 'FORMAT', 'video/mp4'],
    ['nothing', () => undefined, 'SILENT', 'no answer for 0.5 s'],
  ])('says what to do about %s', async (_, answer, code, words) => {
    const server = await camera(answer);

    const opened = open(server.url(), { timeoutS: 0.5 });

    await expect(opened).rejects.toMatchObject({ code: `DIPTYCH_E_SOURCE_${code}` });
    await expect(opened).rejects.toThrow(words);
  });

  it('has words for a port where nobody is, and for one that speaks no TLS', async () => {
    const server = await camera(mjpeg());
    await expect(open(server.url().replace('http', 'https'))).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_TLS' });
    const url = server.url();
    await server.close();
    await expect(open(url)).rejects.toMatchObject({ code: 'DIPTYCH_E_SOURCE_REFUSED' });
  });

  it.each<[string, MjpegStyle, string]>([
    ['ends', { endsAfter: 10 }, 'UNREACHABLE'],
    ['stalls', { stallsAfter: 10 }, 'UNREACHABLE'],
  ])('ends where a camera %s', async (_, style, code) => {
    const session = await open((await camera(mjpeg(style))).url(), { timeoutS: 1 });

    expect(await endOf(session)).toBe(`DIPTYCH_E_SOURCE_${code}`);
  });

  it('says what a camera sends that sends other pictures', async () => {
    const png = Buffer.concat([Buffer.from('--frame\r\nContent-Type: image/png\r\n\r\n'), Buffer.alloc(500_000, 'x')]);
    const session = await open((await camera((_, response) => sendMjpeg(response, [png], { head: () => '' }))).url());

    expect(await endOf(session)).toBe('DIPTYCH_E_SOURCE_FORMAT');
    await expect(session.ended).rejects.toThrow('sends image/png and no JPEG picture');
  });

  it('goes on where the size changes, and where pictures are cut off or damaged', async () => {
    const larger = jpegPictures('640x360');
    const damaged = pictures.map((picture, index) =>
      index % 3 === 0 ? picture.subarray(0, picture.length / 2) : picture,
    );
    const server = await camera((_, response) => sendMjpeg(response, [...damaged, ...larger]));

    const session = await open(server.url());

    const all = await frames(session, 90);
    expect(new Set(all.map(({ width }) => width))).toEqual(new Set([320, 640]));
  });
});
