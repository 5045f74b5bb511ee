import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '#src/bench/nginx-rtmp.adapter.js';
import { requireProgram } from '#src/shared/programs/find-program.adapter.js';
import { isOpen } from '../is-open.js';

/** What a proxy does with the sub-folder in the paths that it passes on. */
export type FolderStyle = 'keeps the folder' | 'takes the folder off';

/** nginx in front of a gateway, on 127.0.0.1. */
export interface ReverseProxy {
  /** Where the gateway is in it, without a slash at the end. */
  url(style: FolderStyle): string;
  /** Ends it. */
  stop(): Promise<void>;
}

/**
 * Starts the real nginx, with the lines that docs/operations.md tells: one server a style.
 *
 * @param folder - the sub-folder, with a slash before it and none behind it
 * @param gatewayPort - TCP port of the gateway on 127.0.0.1
 */
export async function startReverseProxy(folder: string, gatewayPort: number): Promise<ReverseProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'diptych-proxy-'));
  const ports: Readonly<Record<FolderStyle, number>> = {
    'keeps the folder': await freePort(),
    'takes the folder off': await freePort(),
  };
  const server = (style: FolderStyle, upstream: string): string => `
  server {
    listen 127.0.0.1:${ports[style]};
    location ${folder}/ {
      proxy_pass ${upstream};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;
    }
  }`;
  const file = join(directory, 'nginx.conf');
  await writeFile(
    file,
    `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${directory}/nginx.pid;
events { worker_connections 64; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${directory}/${kind};`).join(' ')}
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  ${server('keeps the folder', `http://127.0.0.1:${gatewayPort}`)}
  ${server('takes the folder off', `http://127.0.0.1:${gatewayPort}/`)}
}
`,
  );
  const child = spawn(requireProgram('nginx'), ['-p', directory, '-c', file, '-e', join(directory, 'error.log')], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  for (let tries = 0; !(await isOpen(ports['keeps the folder'])); tries++) {
    if (tries > 400 || child.exitCode !== null) throw new Error('nginx did not start');
    await delay(25);
  }
  return { url: (style) => `http://127.0.0.1:${ports[style]}${folder}`, stop };
}
