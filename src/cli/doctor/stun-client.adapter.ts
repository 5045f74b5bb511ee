import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IceServer } from '../../shared/signaling/protocol.js';
import {
  decodeStunAnswer,
  encodeStunRequest,
  longTermKey,
  STUN_ATTRIBUTES as ATTRIBUTES,
  type StunAnswer,
  type StunRequest,
} from './stun-message.js';

/** Where a STUN or TURN server listens. */
export interface StunPlace {
  /** Address or name. */
  readonly host: string;
  /** UDP or TCP. */
  readonly port: number;
  /** `tls` is over TCP; over `ice-tcp` the length of a message stands before it (RFC 4571, 6544). */
  readonly transport: 'udp' | 'tcp' | 'tls' | 'ice-tcp';
}

/** Sends bytes and gives what comes back; rejects where nothing does. */
type Exchange = (request: Omit<StunRequest, 'transactionId'>) => Promise<StunAnswer>;

const ANSWER_LIMIT_MS = 1500;
const UDP_REPEAT_MS = 300;
/** Any will do for a question that only asks whether one is heard. */
const CANDIDATE_PRIORITY = 0x7e00_00ff;
const UDP_PROTOCOL = 17;
const FRAME_BYTES = 2;

/**
 * A connectivity check as a browser sends it to a candidate (RFC 8445, 7.2.2). Rejects where no answer comes.
 *
 * @param ufrag - of the server
 * @param password - of the server
 */
export async function checkCandidate(place: StunPlace, ufrag: string, password: string): Promise<void> {
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(CANDIDATE_PRIORITY);
  const answer = await withExchange(place, (exchange) =>
    exchange({
      method: 'binding',
      key: Buffer.from(password),
      attributes: [
        [ATTRIBUTES.username, Buffer.from(`${ufrag}:doctor`)],
        [ATTRIBUTES.priority, priority],
        [ATTRIBUTES.controlling, randomBytes(8)],
      ],
    }),
  );
  if (!answer.isSuccess) throw new Error(`it answers with error ${answer.errorCode ?? 'of no number'}`);
}

/** Asks a STUN server which address it sees, or a TURN server for a relayed one. Rejects where it is refused. */
export async function tryIceServer(url: string, { username = '', credential = '' }: IceServer): Promise<void> {
  const isTurn = /^turns?:/i.test(url);
  const answer = await withExchange(placeOf(url), async (exchange) => {
    if (!isTurn) return exchange({ method: 'binding' });
    const transport = [ATTRIBUTES.requestedTransport, Buffer.from([UDP_PROTOCOL, 0, 0, 0])] as const;
    const first = await exchange({ method: 'allocate', attributes: [transport] });
    const realm = first.attributes.get(ATTRIBUTES.realm);
    const nonce = first.attributes.get(ATTRIBUTES.nonce);
    if (first.errorCode !== 401 || !realm || !nonce) return first;
    return exchange({
      method: 'allocate',
      key: longTermKey(username, realm.toString(), credential),
      attributes: [
        transport,
        [ATTRIBUTES.username, Buffer.from(username)],
        [ATTRIBUTES.realm, realm],
        [ATTRIBUTES.nonce, nonce],
      ],
    });
  });
  if (answer.errorCode === 401) throw new Error('it refuses the user name and password; check secret and its clock');
  if (!answer.isSuccess) throw new Error(`it refuses with error ${answer.errorCode ?? 'of no number'}`);
}

/** The place that a `stun:` or `turn:` URL names (RFC 7064, 7065). */
function placeOf(url: string): StunPlace {
  const [, scheme = '', host = '', port, transport] =
    /^(stuns?|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/i.exec(url) ?? [];
  const isTls = scheme.toLowerCase().endsWith('s');
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? (isTls ? 5349 : 3478) : Number(port),
    transport: isTls ? 'tls' : transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
  };
}

function withExchange<T>(place: StunPlace, work: (exchange: Exchange) => Promise<T>): Promise<T> {
  return place.transport === 'udp' ? overUdp(place, work) : overTcp(place, work);
}

async function overUdp<T>({ host, port }: StunPlace, work: (exchange: Exchange) => Promise<T>): Promise<T> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  let fail: (error: Error) => void = () => undefined;
  socket.on('error', (error) => fail(error));
  try {
    return await work((request) =>
      answered(request, (message, take, reject) => {
        fail = reject;
        socket.on('message', take);
        const send = (): void => socket.send(message, port, host, (error) => error && reject(error));
        send();
        const repeating = setInterval(send, UDP_REPEAT_MS);
        return () => clearInterval(repeating);
      }),
    );
  } finally {
    socket.close();
  }
}

async function overTcp<T>({ host, port, transport }: StunPlace, work: (exchange: Exchange) => Promise<T>): Promise<T> {
  const socket: Socket = transport === 'tls' ? connectTls({ host, port, servername: host }) : connect({ host, port });
  let fail: (error: Error) => void = () => undefined;
  socket.on('error', (error) => fail(error));
  try {
    return await work((request) =>
      answered(request, (message, take, reject) => {
        fail = reject;
        const isFramed = transport === 'ice-tcp';
        const takeData = (bytes: Buffer): void => take(isFramed ? bytes.subarray(FRAME_BYTES) : bytes);
        socket.on('data', takeData);
        socket.write(isFramed ? framed(message) : message);
        return () => socket.off('data', takeData);
      }),
    );
  } finally {
    socket.destroy();
  }
}

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(FRAME_BYTES);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** One request and its answer. @param begin - sends, and returns what ends the sending */
function answered(
  request: Omit<StunRequest, 'transactionId'>,
  begin: (message: Buffer, take: (bytes: Buffer) => void, reject: (error: Error) => void) => () => unknown,
): Promise<StunAnswer> {
  const transactionId = randomBytes(12);
  return new Promise<StunAnswer>((resolve, reject) => {
    const done = (result: StunAnswer | Error): void => {
      clearTimeout(timer);
      end();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    const timer = setTimeout(() => done(new Error('no answer')), ANSWER_LIMIT_MS);
    const take = (bytes: Buffer): void => {
      const answer = decodeStunAnswer(bytes, transactionId);
      if (answer) done(answer);
    };
    const end = begin(encodeStunRequest({ ...request, transactionId }), take, done);
  });
}
