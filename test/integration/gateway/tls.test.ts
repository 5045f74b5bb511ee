import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { buildTestViewer, startTestGateway } from './fixture/test-gateway.js';

let viewer: Awaited<ReturnType<typeof buildTestViewer>>;
let folder: string;

beforeAll(async () => {
  viewer = await buildTestViewer();
  folder = mkdtempSync(join(tmpdir(), 'diptych-tls-'));
});

afterAll(async () => {
  await viewer.remove();
  rmSync(folder, { recursive: true });
});

it('serves HTTPS, and another certificate once its files are others', async () => {
  const files = (name: string): readonly [string, string] => [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  for (const name of ['first', 'second']) {
    const [cert, key] = files(name);
    const subject = ['-subj', `/CN=${name}.example`, '-days', '2', '-keyout', key, '-out', cert];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject],
      { stdio: 'ignore' },
    );
  }
  const [cert, key] = files('used');
  const use = (name: string): void => {
    const [fromCert, fromKey] = files(name);
    copyFileSync(fromKey, key);
    copyFileSync(fromCert, cert);
  };
  use('first');
  const tls = await startTestGateway(viewer.directory, '[]', 0, `tls: { certFile: ${cert}, keyFile: ${key} }`);
  const nameOf = async (): Promise<string | string[] | undefined> => {
    const socket = connect({ port: Number(new URL(tls.url).port), host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };
  try {
    const before = await nameOf();
    use('second');

    expect(tls.url).toMatch(/^https:/);
    expect(before).toBe('first.example');
    await vi.waitFor(async () => expect(await nameOf()).toBe('second.example'), { timeout: 30_000, interval: 250 });
  } finally {
    await tls.close();
  }
});
