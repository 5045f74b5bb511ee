import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '#src/cli/load-config.adapter.js';
import { packagePath } from '#src/shared/package-root.js';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
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
