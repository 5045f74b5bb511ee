import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '#src/bench/nginx-rtmp.adapter.js';
import { sendSignal } from './send-signal.js';

const run = promisify(execFile);

/** An etcd that talks TLS only, with those who show a certificate of its authority, and asks for user and password. */
export interface SecureEtcd {
  readonly endpoint: string;
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  /** May read and write below /diptych/. */
  readonly user: string;
  readonly password: string;
  /** A certificate of an authority that is not asked. */
  readonly otherCa: string;
  /** A certificate of a client with a common name. */
  readonly named: { readonly certFile: string; readonly keyFile: string };
  readonly signal: (name: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

const ROOT = 'root:of-the-tests';
const USER = 'host';
const PASSWORD = 'a-password-of-tests';

export async function startSecureEtcd(): Promise<SecureEtcd> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-etcd-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const ca of ['ca', 'other']) {
    await openssl('req', '-x509', ...key, '-keyout', `${ca}.key`, '-out', `${ca}.crt`, '-subj', `/CN=${ca}`);
  }
  await writeFile(file('ext'), 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
  // Where etcd has users, its JSON interface takes no certificates of clients with a common name.
  for (const [name, subject] of [
    ['server', '/CN=server'],
    ['client', '/O=client'],
    ['named', '/CN=client'],
  ] as const) {
    await openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext', '-out', `${name}.crt`];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...signed);
  }
  const [client, peer] = [await freePort(), await freePort()];
  const [endpoint, peerUrl] = [`https://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const child = spawn(
    'etcd',
    [
      ...['--name', 'n0', '--data-dir', file('data'), '--unsafe-no-fsync', '--client-cert-auth'],
      ...['--cert-file', file('server.crt'), '--key-file', file('server.key'), '--trusted-ca-file', file('ca.crt')],
      ...['--listen-client-urls', endpoint, '--advertise-client-urls', endpoint],
      ...[
        '--listen-peer-urls',
        peerUrl,
        '--initial-advertise-peer-urls',
        peerUrl,
        '--initial-cluster',
        `n0=${peerUrl}`,
      ],
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      sendSignal(child.pid, 'SIGKILL');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const tls = { caFile: file('ca.crt'), certFile: file('client.crt'), keyFile: file('client.key') };
  const certificates = ['--cacert', tls.caFile, '--cert', tls.certFile, '--key', tls.keyFile];
  const etcdctl = (...args: string[]): Promise<unknown> =>
    run('etcdctl', ['--endpoints', endpoint, ...certificates, ...args], { env: { ...process.env, ETCDCTL_API: '3' } });
  try {
    for (let tries = 0; ; tries++) {
      const isUp = await etcdctl('endpoint', 'health').then(
        () => true,
        (error: unknown) => {
          if (tries > 50) throw error;
          return false;
        },
      );
      if (isUp) break;
      await delay(200);
    }
    await etcdctl('user', 'add', ROOT);
    await etcdctl('user', 'grant-role', 'root', 'root');
    await etcdctl('role', 'add', 'diptych');
    await etcdctl('role', 'grant-permission', 'diptych', 'readwrite', '--prefix=true', '/diptych/');
    await etcdctl('user', 'add', `${USER}:${PASSWORD}`);
    await etcdctl('user', 'grant-role', USER, 'diptych');
    await etcdctl('auth', 'enable');
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ endpoint, tls, user: USER, password: PASSWORD, otherCa: file('other.crt'), stop },
    named: { certFile: file('named.crt'), keyFile: file('named.key') },
    signal: (name) => sendSignal(child.pid, name),
  };
}
