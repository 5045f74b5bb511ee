import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { decodeAmf, encodeAmf, type AmfObject, type AmfValue } from '#src/stream/stages/publish/rtmp/amf0.js';
import { ChunkReader, MESSAGE_TYPE, writeMessage, type RtmpMessage } from '#src/stream/stages/publish/rtmp/chunks.js';

/** What the server does with a request. `close` ends the connection without an answer; `ignore` gives none. */
export type Reaction = 'accept' | 'close' | 'ignore' | { readonly refuse: AmfObject };

/** A picture or a piece of sound that the server was sent. */
export interface ReceivedTag {
  readonly type: 'audio' | 'video';
  readonly timestampMs: number;
  readonly bytes: number;
  readonly isKeyframe: boolean;
  /** Says how to decode, or that the sequence ends; no picture or sound. */
  readonly isHeader: boolean;
  /** `performance.now()` */
  readonly arrivedMs: number;
}

/** One connection, from the first byte. */
export interface Publishing {
  readonly application: string;
  /** The address that it was told to have been asked by (`tcUrl`). */
  readonly url: string;
  /** Empty before it was asked for. */
  key: string;
  readonly tags: ReceivedTag[];
  readonly beganMs: number;
  isOver: boolean;
}

/** An RTMP server that answers as the test says and writes down what it is sent. */
export interface ScriptedRtmpServer {
  readonly port: number;
  /** In the order in which they asked for an application. */
  readonly publishings: readonly Publishing[];
  /** May be changed at any time. */
  readonly script: {
    onConnect: (application: string) => Reaction;
    onPublish: (key: string, application: string) => Reaction;
  };
  /** Ends all connections at once; new ones are accepted. */
  drop(): void;
  close(): Promise<void>;
}

const HANDSHAKE_BYTES = 1536;
const MESSAGE_STREAM = 1;

/** Starts it on 127.0.0.1. */
export async function startScriptedRtmpServer(port = 0): Promise<ScriptedRtmpServer> {
  const publishings: Publishing[] = [];
  const sockets = new Set<Socket>();
  const script: ScriptedRtmpServer['script'] = { onConnect: () => 'accept', onPublish: () => 'accept' };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    serve(socket, script, publishings);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): void => sockets.forEach((socket) => socket.resetAndDestroy());
  return {
    ...{ port: (server.address() as AddressInfo).port, publishings, script, drop },
    close: async () => {
      drop();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, script: ScriptedRtmpServer['script'], publishings: Publishing[]): void {
  const reader = new ChunkReader();
  let handshake: Buffer | undefined = Buffer.alloc(0);
  let publishing: Publishing | undefined;
  socket.once('close', () => {
    if (publishing) publishing.isOver = true;
  });
  socket.on('data', (bytes) => {
    let rest: Buffer = bytes;
    if (handshake) {
      const before = handshake.length;
      handshake = Buffer.concat([handshake, bytes]);
      const [c1, c2] = [1 + HANDSHAKE_BYTES, 1 + 2 * HANDSHAKE_BYTES];
      if (before < c1 && handshake.length >= c1) {
        socket.write(Buffer.concat([handshake.subarray(0, c1), handshake.subarray(1, c1)]));
      }
      if (handshake.length < c2) return;
      rest = handshake.subarray(c2);
      handshake = undefined;
    }
    for (const message of reader.push(rest)) receive(message);
  });

  function receive(message: RtmpMessage): void {
    if (message.type === MESSAGE_TYPE.command) command(decodeAmf(message.payload));
    else publishing?.tags.push(...tagOf(message));
  }

  function command([name, transaction, block, key]: readonly AmfValue[]): void {
    if (name === 'connect') {
      const application = textOf((block as AmfObject)['app']);
      const url = textOf((block as AmfObject)['tcUrl']);
      publishing = { application, url, key: '', tags: [], beganMs: performance.now(), isOver: false };
      publishings.push(publishing);
      react(script.onConnect(application), {
        accept: () => {
          const info = { level: 'status', code: 'NetConnection.Connect.Success', description: 'welcome' };
          send(0, ['_result', transaction, { fmsVer: 'FMS/3,0,1,123' }, info]);
        },
        refuse: (info) => send(0, ['_error', transaction, null, { level: 'error', ...info }]),
      });
    }
    if (name === 'createStream') send(0, ['_result', transaction, null, MESSAGE_STREAM]);
    if (name === 'publish' && publishing) {
      publishing.key = textOf(key);
      react(script.onPublish(publishing.key, publishing.application), {
        accept: () => send(MESSAGE_STREAM, onStatus({ level: 'status', code: 'NetStream.Publish.Start' })),
        refuse: (info) => send(MESSAGE_STREAM, onStatus({ level: 'error', ...info })),
      });
    }
  }

  function react(
    reaction: Reaction,
    { accept, refuse }: { readonly accept: () => void; readonly refuse: (info: AmfObject) => void },
  ): void {
    if (reaction === 'accept') accept();
    else if (reaction === 'close') socket.end();
    else if (reaction !== 'ignore') refuse(reaction.refuse);
  }

  function send(streamId: number, values: readonly AmfValue[]): void {
    const payload = encodeAmf(values);
    socket.write(writeMessage({ type: MESSAGE_TYPE.command, streamId, timestampMs: 0, payload }));
  }
}

const textOf = (value: AmfValue): string => (typeof value === 'string' ? value : '');

const onStatus = (info: AmfObject): readonly AmfValue[] => ['onStatus', 0, null, { description: '', ...info }];

/** Sound and pictures; nothing for anything else. */
function tagOf({ type, timestampMs, payload }: RtmpMessage): ReceivedTag[] {
  if (type !== MESSAGE_TYPE.audio && type !== MESSAGE_TYPE.video) return [];
  const isVideo = type === MESSAGE_TYPE.video;
  return [
    {
      ...{ type: isVideo ? 'video' : 'audio', timestampMs, bytes: payload.length, arrivedMs: performance.now() },
      isKeyframe: isVideo && (payload[0] ?? 0) >> 4 === 1,
      isHeader: payload[1] !== 1,
    },
  ];
}
