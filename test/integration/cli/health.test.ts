import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGatewayProcess } from '#src/bench/gateway-process.adapter.js';
import { builtPath, packagePath } from '#src/shared/package-root.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diptych-health-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** As the check of a container runs it. */
function health(environment: NodeJS.ProcessEnv = {}): Promise<{ status: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DIPTYCH_STATE_FOLDER: join(folder, 'state'), ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [builtPath('main.js'), 'health'], { env }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function certificate(): readonly string[] {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const args = ['req', '-x509', ...made, '-subj', '/CN=gateway.example', '-keyout', key, '-out', cert];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return ['--tls-cert', cert, '--tls-key', key];
}

describe('diptych health', () => {
  it.each([
    ['http', () => [], 'http://127.0.0.1:'],
    ['https, whatever its certificate', certificate, 'https://127.0.0.1:'],
  ] as const)(
    'finds the gateway at the port that it has, with %s, and says when it has gone',
    async (_name, args, url) => {
      const file = join(folder, 'gateway.yaml');
      writeFileSync(file, 'streams: []\n');
      const gateway = await startGatewayProcess(['--config', file, ...args()]);
      // What the file says now is for the next start.
      writeFileSync(file, 'http: { port: 1 }\nstreams: []\n');
      const running = await health();
      const exit = await gateway.stop();
      const gone = await health({ DIPTYCH_PORT: '1' });

      expect(running).toMatchObject({ status: 0, stderr: '' });
      expect(running.stdout).toContain(url);
      expect(exit).toBe(0);
      expect(gone).toMatchObject({ status: 1, stdout: '' });
      expect(gone.stderr).toMatch(/^DIPTYCH_E_NOT_READY: http:\/\/localhost:1: does not answer \(.*ECONNREFUSED/);
    },
  );

  it('is what the containers are checked with', () => {
    const image = readFileSync(packagePath('config/container/Containerfile'), 'utf8');
    const compose = readFileSync(packagePath('config/container/compose.yaml'), 'utf8');
    const [, main = ''] = /ENTRYPOINT \["node", "([^"]+)"\]/.exec(image) ?? [];

    expect(image).toContain(`CMD ["node", "${main}", "health"]`);
    expect(compose).toContain(`test: ["CMD", "node", "${main}", "health"]`);
  });
});
