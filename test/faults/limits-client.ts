import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** What came back, and the code of what was refused. */
export interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string;
  readonly retryAfter: string | null;
  readonly text: string;
}

/** Asks a gateway, by the rules and against them. */
export class LimitsClient {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem') === true;
    const problem = isProblem ? (JSON.parse(text) as { code: string; detail: string }) : undefined;
    return {
      ...{ status: response.status, code: problem?.code, detail: problem?.detail ?? '' },
      ...{ retryAfter: response.headers.get('retry-after'), text },
    };
  }

  /** Tries a source; waits until the process of the one before has ended. */
  async probe(source: object): Promise<Answer> {
    for (;;) {
      const answer = await this.ask('POST', '/api/v1/probe', source);
      if (answer.code !== 'DIPTYCH_E_LIMIT_PROBES') return answer;
      await delay(100);
    }
  }

  /** Bytes as they are, and all that comes back. */
  async raw(bytes: string): Promise<string> {
    const { hostname, port } = new URL(this.#base);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket, 'close');
    return answer;
  }

  /** Asks from another address of this machine until it is refused, at most so often; the last answer. */
  async flood(
    localAddress: string,
    path: string,
    most: number,
  ): Promise<Pick<Answer, 'status' | 'code' | 'retryAfter'>> {
    const agent = new Agent({ keepAlive: true });
    try {
      for (let count = 1; ; count++) {
        const request = get(this.#base + path, { agent, localAddress });
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        let text = '';
        for await (const part of response.setEncoding('utf8')) text += String(part);
        const status = response.statusCode ?? 0;
        if (status === 200 && count < most) continue;
        const { code } = JSON.parse(text) as { code?: string };
        return { status, code, retryAfter: response.headers['retry-after'] ?? null };
      }
    } finally {
      agent.destroy();
    }
  }

  /** How a WebSocket is refused. */
  async refusedUpgrade(): Promise<Pick<Answer, 'code'> & { readonly status: number | undefined }> {
    const socket = new WebSocket(`${this.#base.replace('http', 'ws')}/ws`);
    socket.on('error', () => undefined);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += String(part);
    return { status: response.statusCode, code: (JSON.parse(text) as { code: string }).code };
  }
}

/** An HTTP server on loopback. */
export async function serve(answer: RequestListener): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

/** A camera on loopback that sends on to somewhere else. */
export async function serveRedirects(location: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const cseq = /CSeq: (\d+)/.exec(data.toString())?.[1] ?? '1';
      const isDescribe = data.toString().startsWith('DESCRIBE');
      const status = isDescribe ? `302 Moved\r\nLocation: ${location}` : '200 OK\r\nPublic: DESCRIBE';
      socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${cseq}\r\n\r\n`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `rtsp://127.0.0.1:${port}/1`, close: () => void server.close() };
}
