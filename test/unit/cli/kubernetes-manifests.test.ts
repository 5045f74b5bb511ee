import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '#src/cli/load-config.adapter.js';
import { LEAVE_LIMIT_MS } from '#src/gateway/cluster/cluster-host.adapter.js';
import { packagePath } from '#src/shared/package-root.js';

/** A gateway that is told to end does so within 3 s, by itself or by the command that runs it. */
const END_LIMIT_MS = 3000;

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template?: { readonly spec: { readonly terminationGracePeriodSeconds?: number } } };
}

const folder = mkdtempSync(join(tmpdir(), 'diptych-kubernetes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifestsOf = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(packagePath(`config/kubernetes/${file}`), 'utf8')).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });

const kindsOf = (file: string): string[] => manifestsOf(file).map(({ kind }) => kind);

describe('config/kubernetes', () => {
  it('has what runs, what is found, and what keeps enough of it there', () => {
    expect(readdirSync(packagePath('config/kubernetes'))).toEqual(['diptych.yaml', 'etcd.yaml']);
    expect(kindsOf('etcd.yaml')).toEqual(['Service', 'PodDisruptionBudget', 'StatefulSet']);
    expect(kindsOf('diptych.yaml')).toEqual(['ConfigMap', 'Service', 'PodDisruptionBudget', 'DaemonSet']);
  });

  it('waits longer than a gateway takes that gives its streams away, as systemd does', () => {
    const [set] = manifestsOf('diptych.yaml').filter(({ kind }) => kind === 'DaemonSet');
    const [text = ''] = manifestsOf('diptych.yaml').flatMap(({ data }) => data?.['gateway.yaml'] ?? []);
    const unit = readFileSync(packagePath('config/systemd/diptych.service'), 'utf8');

    const leastS = (LEAVE_LIMIT_MS + END_LIMIT_MS) / 1000;
    expect(text).toContain('drainOnTerm: true');
    expect(set?.spec?.template?.spec.terminationGracePeriodSeconds).toBeGreaterThan(leastS);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(leastS);
  });

  it('gives each node a configuration that is right, with the name of the node', async () => {
    const [text = ''] = manifestsOf('diptych.yaml').flatMap(({ data }) => data?.['gateway.yaml'] ?? []);
    const file = join(folder, 'gateway.yaml');
    writeFileSync(file, text.replaceAll('/etc/diptych/secret', folder));
    for (const secret of ['token', 'cluster-key']) writeFileSync(join(folder, secret), 'b'.repeat(44));

    const config = await loadConfig({
      file,
      environment: { HOST_NAME: 'ip-10-0-0-21.example.internal', HOST_IP: '10.0.0.21' },
    });

    expect(config.cluster).toMatchObject({
      ...{ host: 'ip-10-0-0-21.example.internal', url: 'http://10.0.0.21:8080', key: 'b'.repeat(44) },
      etcd: { endpoints: [0, 1, 2].map((member) => `http://etcd-${member}.etcd:2379`) },
    });
  });
});
