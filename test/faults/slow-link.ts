import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Between a publisher and its server: a link of a bandwidth that can be set, with the small buffers of one. */
export interface SlowLink {
  readonly port: number;
  /** Bytes a second from the publisher to the server; `Infinity` for no limit. */
  limit(bytesPerS: number): void;
  close(): Promise<void>;
}

/** A process of its own: Node.js cannot make the receive buffer of a TCP connection small. */
export async function openSlowLink(serverPort: number): Promise<SlowLink> {
  const script = fileURLToPath(new URL('slow-link.py', import.meta.url));
  const child = spawn('python3', [script, String(serverPort)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    port: Number(port),
    limit: (bytesPerS) => void child.stdin.write(`${Number.isFinite(bytesPerS) ? bytesPerS : 'inf'}\n`),
    close: async () => {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}
