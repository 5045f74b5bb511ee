import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  /** The Range header of every request, in order. */
  readonly ranges: (string | undefined)[];
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server on loopback that answers each request by `handler`; `count` begins at 1. */
export async function startFileServer(handler: Handler): Promise<FileServer> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    handler(request, response, ranges.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ranges,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Serves `content` as a server that knows byte ranges does. */
export function serveRange(content: Buffer, request: IncomingMessage, response: ServerResponse): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start > 0) {
    response.writeHead(206, { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` });
  }
  response.end(content.subarray(start));
}

/** Sends the first `bytes` and then cuts the connection. */
export function breakAfter(content: Buffer, bytes: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, bytes), () => response.destroy());
}
