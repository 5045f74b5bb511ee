import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OddCameraOptions, OddStep } from './cameras/odd-camera.js';
import { asked, camera, closing, opened, playing } from './cameras/source.js';

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('TLS', () => {
  let folder = '';
  let pem = { key: '', cert: '' };
  let other = { key: '', cert: '' };

  const certificate = async (name: string, subject: string): Promise<{ key: string; cert: string }> => {
    const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
    const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', subject];
    await promisify(execFile)('openssl', [
      ...request,
      ...(name === 'camera' ? names : []),
      '-keyout',
      key,
      '-out',
      cert,
    ]);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diptych-tls-'));
    pem = await certificate('camera', '/CN=camera');
    other = await certificate('other', '/CN=elsewhere');
    return () => rm(folder, { recursive: true });
  });

  it('a self-signed certificate is refused with its fingerprint, and taken where that is set', async () => {
    const { url } = await camera({ tls: pem });

    const refused = String(await asked(url));
    const [, fingerprint] = /"(sha256 [0-9A-F:]+)"/.exec(refused) ?? [];
    const session = await playing(url, { tls: { fingerprint } });

    expect(refused).toContain('self-signed');
    expect(session.info.codec).toBe('H.264');
    await expect(opened(url, { tls: { fingerprint: `sha256 ${'AB'.repeat(32)}` } })).rejects.toThrow('another one');
  });

  it('is taken unchecked, or by an authority of its own', async () => {
    const { url } = await camera({ tls: pem });

    const unchecked = await playing(url, { tls: { verify: false } });
    const checked = await playing(url, { tls: { caFile: join(folder, 'camera.pem') } });

    expect(unchecked.info.codec).toBe('H.264');
    expect(checked.info.codec).toBe('H.264');
    await expect(opened(url, { tls: { caFile: join(folder, 'none.pem') } })).rejects.toThrow('source.tls.caFile');
  });

  it('a certificate for another host, and no TLS at all, have their own words', async () => {
    const elsewhere = await camera({ tls: other });
    const plain = await camera();

    const trusted = { tls: { caFile: join(folder, 'other.pem') } };
    await expect(opened(elsewhere.url, trusted)).rejects.toThrow('is for another host name');
    await expect(opened(plain.url.replace('rtsp:', 'rtsps:'), { timeoutS: 1 })).rejects.toMatchObject({
      code: expect.stringMatching(/_TLS|_UNREACHABLE/) as string,
    });
  });
});

describe('errors keep their reason', () => {
  it.each<[OddStep, string, string, string]>([
    ['DESCRIBE', '403 Forbidden', 'DIPTYCH_E_SOURCE_AUTH', 'the right to live video'],
    ['DESCRIBE', '404 Not Found', 'DIPTYCH_E_SOURCE_PATH', 'check the path'],
    ['SETUP', '453 Not Enough Bandwidth', 'DIPTYCH_E_SOURCE_BUSY', 'close another viewer'],
    ['DESCRIBE', '503 Service Unavailable', 'DIPTYCH_E_SOURCE_BUSY', 'close another viewer'],
    ['DESCRIBE', '500 Oops', 'DIPTYCH_E_SOURCE_PROTOCOL', 'answered DESCRIBE with 500 Oops'],
    ['PLAY', '500 Oops', 'DIPTYCH_E_SOURCE_PROTOCOL', 'answered PLAY with 500 Oops'],
  ])('%s answered with %s', async (step, status, code, words) => {
    const { url } = await camera({ statusAt: { [step]: status } });

    expect(await asked(url)).toMatchObject({ code, message: expect.stringContaining(words) as string });
  });

  it.each<[OddStep, string]>([
    ['CONNECT', 'answers nothing'],
    ['OPTIONS', 'answers nothing'],
    ['DESCRIBE', 'did not answer DESCRIBE'],
    ['SETUP', 'did not answer SETUP'],
    ['PLAY', 'did not answer PLAY'],
  ])('silent at %s', async (silentAt, words) => {
    const { url } = await camera({ silentAt });

    expect(await asked(url, { timeoutS: 1 })).toMatchObject({
      code: 'DIPTYCH_E_SOURCE_SILENT',
      message: expect.stringContaining(words) as string,
    });
  });

  it.each<[string, Partial<OddCameraOptions>, object, string, string]>([
    ['PLAY without packets', { isPaused: true }, { timeoutS: 1 }, 'DIPTYCH_E_SOURCE_SILENT', 'sent no packet'],
    [
      'PLAY with sound only',
      { tracks: [{ kind: 'h264' }, { kind: 'pcma' }], isPaused: 'video' },
      { timeoutS: 1 },
      'DIPTYCH_E_SOURCE_SILENT',
      'sends sound, and no packet with pictures',
    ],
    ['TCP only', { transport: 'tcp' }, { transport: 'udp' }, 'DIPTYCH_E_SOURCE_TRANSPORT', 'to auto or tcp'],
    ['UDP only', { transport: 'udp' }, { transport: 'tcp' }, 'DIPTYCH_E_SOURCE_TRANSPORT', 'to auto or udp'],
    ['no picture', { tracks: [{ kind: 'pcma' }] }, {}, 'DIPTYCH_E_SOURCE_FORMAT', 'offers no video'],
    [
      'no password',
      { auth: { user: 'a', password: 'b', schemes: ['md5'] } },
      {},
      'DIPTYCH_E_SOURCE_AUTH',
      'set source.user and source.password',
    ],
    [
      'a digest that is not known',
      { auth: { user: 'a', password: 'b', schemes: ['sha512'] } },
      { user: 'a', password: 'b' },
      'DIPTYCH_E_SOURCE_AUTH',
      'SHA-512, which is not known here',
    ],
  ])('%s', async (_, options, config, code, words) => {
    const { url } = await camera(options);

    expect(await asked(url, config)).toMatchObject({ code, message: expect.stringContaining(words) as string });
  });

  it.each([
    ['refused', 'rtsp://127.0.0.1:1/cam', 'DIPTYCH_E_SOURCE_REFUSED', 'refuses connections'],
    ['a name that does not exist', 'rtsp://camera.invalid/cam', 'DIPTYCH_E_SOURCE_NAME', 'camera.invalid'],
  ])('%s', async (_, url, code, words) => {
    expect(await asked(url)).toMatchObject({ code, message: expect.stringContaining(words) as string });
  });

  it('a web server on that port', async () => {
    const server = createServer((socket: Socket) => {
      socket.on('error', () => undefined).on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const { port } = server.address() as { port: number };

    expect(await asked(`rtsp://127.0.0.1:${port}/`)).toMatchObject({
      code: 'DIPTYCH_E_SOURCE_PROTOCOL',
      message: expect.stringContaining('web server') as string,
    });
  });
});
