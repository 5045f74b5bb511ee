import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { DiptychError } from '../../shared/domain/errors.js';

/** Where packets come from and go to. */
export interface UdpPortsOptions {
  /** Our address, as the connection to the camera has it. */
  readonly localAddress: string;
  /** A packet has come from an address that is allowed. */
  readonly onPacket: (packet: Buffer, isRtcp: boolean) => void;
}

/** The camera's side, as its answer to SETUP says. */
export interface UdpPeer {
  /** Packets from other addresses are dropped. */
  readonly addresses: readonly string[];
  /** 0: not said. */
  readonly rtpPort: number;
  /** 0: not said. */
  readonly rtcpPort: number;
}

/** A keyframe of a 4K camera arrives at once; the kernel's default holds a part of it. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_ATTEMPTS = 50;
/** A router or firewall in between lets in what answers a packet of ours. */
const PUNCH_RTP = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const PUNCH_RTCP = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]);

/** Two ports for one track: an even one for RTP, and the next for RTCP. */
export class UdpPorts {
  /** For RTP, even. */
  readonly rtpPort: number;
  /** Packets that came from elsewhere. */
  strangers = 0;

  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  #peer: UdpPeer | undefined;

  private constructor(rtp: Socket, rtcp: Socket, onPacket: UdpPortsOptions['onPacket']) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.rtpPort = rtp.address().port;
    for (const socket of [rtp, rtcp]) {
      socket.on('message', (packet, { address }) => {
        if (this.#peer?.addresses.includes(plainAddress(address)) === true) onPacket(packet, socket === rtcp);
        else this.strangers += 1;
      });
      // A port that the camera has closed shows as an error on ours; the picture tells what matters.
      socket.on('error', () => undefined);
    }
  }

  /**
   * Binds two free ports.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_CONFLICT` where no two ports in a row are free
   */
  static async open({ localAddress, onPacket }: UdpPortsOptions): Promise<UdpPorts> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const rtp = await bound(localAddress, 0);
      const { port } = rtp?.address() ?? { port: 1 };
      const rtcp = port % 2 === 0 ? await bound(localAddress, port + 1) : undefined;
      if (rtp && rtcp) return new UdpPorts(rtp, rtcp, onPacket);
      rtp?.close();
    }
    throw new DiptychError(
      'DIPTYCH_E_CONFLICT',
      'no two UDP ports in a row are free for a camera; set source.transport to tcp',
    );
  }

  /** The camera has answered SETUP: packets from it are taken from now on, and let in by what is in between. */
  connect(peer: UdpPeer): void {
    this.#peer = { ...peer, addresses: peer.addresses.map(plainAddress) };
    if (peer.rtpPort > 0) this.#send(this.#rtp, PUNCH_RTP, peer.rtpPort);
    this.sendRtcp(PUNCH_RTCP);
  }

  /** Sends a packet to the camera's port for RTCP. */
  sendRtcp(packet: Uint8Array): void {
    if (this.#peer && this.#peer.rtcpPort > 0) this.#send(this.#rtcp, packet, this.#peer.rtcpPort);
  }

  /** Closes both ports; once. */
  close(): void {
    this.#rtp.close();
    this.#rtcp.close();
  }

  #send(socket: Socket, packet: Uint8Array, port: number): void {
    const [address] = this.#peer?.addresses ?? [];
    if (address !== undefined) socket.send(packet, port, address, () => undefined);
  }
}

/** IPv4 in the form of IPv6 is IPv4. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

function bound(address: string, port: number): Promise<Socket | undefined> {
  const plain = plainAddress(address);
  const socket = createSocket({ type: isIPv6(plain) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind(port, plain, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
