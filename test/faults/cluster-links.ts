import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** When a publisher's bytes went through. */
export interface Passage {
  readonly firstMs: number;
  lastMs: number;
  bytes: number;
}

export interface Link {
  readonly port: number;
  /** One for each connection that sent anything, in their order. */
  readonly passages: readonly Passage[];
  /** What is sent arrives so much later, ms; both ways. */
  delayMs: number;
  /** Nothing gets through until {@link heal}; what was sent waits. @param isForNew - whether it is so for later connections as well */
  readonly cut: (isForNew?: boolean) => void;
  readonly heal: () => void;
  readonly close: () => void;
}

/** A publisher that sends nothing for so long is one less for the server, as platforms have it, ms. */
export const IDLE_MS = 1500;

class Gate {
  #opened = Promise.resolve();
  #open: () => void = () => undefined;

  get opened(): Promise<void> {
    return this.#opened;
  }

  close(): void {
    this.open();
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }
}

/** A way through a link: in order, later, or not at all. What a sender that is reset has on its way is lost. */
function carry(from: Socket, to: Socket, gate: Gate, link: Link, write: (bytes: Buffer) => void): void {
  let tail = Promise.resolve();
  let isReset = false;
  const next = (step: () => void): void => {
    const dueMs = performance.now() + link.delayMs;
    tail = tail.then(async () => {
      const waitMs = dueMs - performance.now();
      if (waitMs > 1) await delay(waitMs);
      await gate.opened;
      step();
    });
  };
  from.on('data', (bytes: Buffer) => next(() => !isReset && write(bytes)));
  from.on('end', () => next(() => to.end()));
  from.on('error', () => (isReset = true));
  from.on('close', () => next(() => to.destroy()));
}

/** Between somebody and a server on this machine; writes down whose bytes went through when. @param idleMs - as {@link IDLE_MS}; absent: never */
export async function startLink(serverPort: number, idleMs?: number): Promise<Link> {
  const passages: Passage[] = [];
  const gates = new Set<Gate>();
  let isCut = false;
  const server = createServer((near) => {
    const gate = new Gate();
    if (isCut) gate.close();
    gates.add(gate);
    const far = connect(serverPort, '127.0.0.1');
    let passage: Passage | undefined;
    let isIdle = false;
    const take = (bytes: Buffer): void => {
      const nowMs = performance.now();
      if (!passage) passages.push((passage = { firstMs: nowMs, lastMs: nowMs, bytes: 0 }));
      passage.lastMs = nowMs;
      passage.bytes += bytes.length;
      if (!isIdle) far.write(bytes);
      // The server has forgotten it.
      else near.resetAndDestroy();
    };
    if (idleMs !== undefined) {
      far.setTimeout(idleMs, () => {
        // The publisher's own connection stays: whoever was stopped finds it as it was.
        isIdle = true;
        far.destroy();
      });
    }
    carry(near, far, gate, link, take);
    far.on('data', (bytes: Buffer) => void gate.opened.then(() => delay(link.delayMs)).then(() => near.write(bytes)));
    far.on('error', () => undefined);
    far.on('close', () => void gate.opened.then(() => !isIdle && near.destroy()));
    near.on('close', () => gates.delete(gate));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const link: Link = {
    ...{ port: (server.address() as AddressInfo).port, passages, delayMs: 0 },
    cut: (isForNew = true) => {
      isCut = isForNew;
      for (const gate of gates) gate.close();
    },
    heal: () => {
      isCut = false;
      for (const gate of gates) gate.open();
    },
    close: () => server.close(),
  };
  return link;
}

/** Control packets of SRT have this bit; media has not. */
const CONTROL = 0x80;

/** The same for SRT: each sender has a passage of what is media. */
export async function startSrtLink(serverPort: number): Promise<Pick<Link, 'port' | 'passages' | 'close'>> {
  const passages: Passage[] = [];
  const senders = new Map<number, { readonly far: UdpSocket; passage?: Passage }>();
  const near = createSocket('udp4');
  near.on('message', (bytes, { port }) => {
    let sender = senders.get(port);
    if (!sender) {
      const far = createSocket('udp4');
      far.on('message', (answer) => near.send(answer, port, '127.0.0.1'));
      far.on('error', () => undefined);
      senders.set(port, (sender = { far }));
    }
    if (((bytes[0] ?? 0) & CONTROL) === 0) {
      const nowMs = performance.now();
      if (!sender.passage) passages.push((sender.passage = { firstMs: nowMs, lastMs: nowMs, bytes: 0 }));
      sender.passage.lastMs = nowMs;
      sender.passage.bytes += bytes.length;
    }
    sender.far.send(bytes, serverPort, '127.0.0.1');
  });
  near.bind(0, '127.0.0.1');
  await once(near, 'listening');
  const close = (): void => {
    near.close();
    for (const { far } of senders.values()) far.close();
  };
  return { port: near.address().port, passages, close };
}
