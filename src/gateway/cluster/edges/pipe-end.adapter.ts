import type { Socket } from 'node:net';
import type { types } from 'mediasoup';
import type { MediaServer } from '../../signaling/media-server.adapter.js';
import type { SealedText } from '../sealed-text.adapter.js';
import { pipeAddress } from './pipe-address.js';
import type { PipeEnd } from './pipe-messages.js';

/** What both ends of a pipe are made with. */
export interface PipeEndOptions {
  /** Opens transports. */
  readonly media: Pick<MediaServer, 'openPipe' | 'listenIp' | 'addresses'>;
  /** Encrypts the keys of the media. */
  readonly sealed: SealedText;
}

/** What keys are sealed for. */
const ABOUT = 'pipe';

/** Opens this host's end, on the address by which `socket` has reached the other host. Rejects as `openPipe` does. */
export function openPipeEnd(
  { media }: PipeEndOptions,
  { localAddress, remoteAddress }: Pick<Socket, 'localAddress' | 'remoteAddress'>,
): Promise<types.PipeTransport> {
  const { listenIp, addresses } = media;
  return media.openPipe(pipeAddress({ listenIp, localAddress, remoteAddress, addresses }));
}

/** What the other host is told of this end. */
export function describePipeEnd({ sealed }: PipeEndOptions, { tuple, srtpParameters }: types.PipeTransport): PipeEnd {
  return {
    ip: tuple.localAddress,
    port: tuple.localPort,
    sealedSrtp: sealed.seal(JSON.stringify(srtpParameters), ABOUT),
  };
}

/** Takes media from the other host's end, and from nowhere else. Rejects where it was sealed with another key. */
export function connectPipeEnd(
  { sealed }: PipeEndOptions,
  transport: types.PipeTransport,
  { ip, port, sealedSrtp }: PipeEnd,
): Promise<void> {
  const srtpParameters = JSON.parse(sealed.open(sealedSrtp, ABOUT)) as types.SrtpParameters;
  return transport.connect({ ip, port, srtpParameters });
}
