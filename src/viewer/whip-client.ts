import { at } from './urls.js';

/** What a {@link WhipClient} tells. */
export interface WhipClientListeners {
  /** Of the connection to the gateway. */
  readonly onState: (state: RTCPeerConnectionState) => void;
}

/** The gateway refused a publisher. */
export class WhipRefusal extends Error {
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const CONFLICT = 409;
const MAX_VIDEO_BITRATE = 4_000_000;

/** One session of WHIP (RFC 9725): what a camera gives, sent to a stream. */
export class WhipClient {
  readonly #connection: RTCPeerConnection;
  /** Of the session; to be deleted. */
  readonly #location: string;

  private constructor(connection: RTCPeerConnection, location: string) {
    this.#connection = connection;
    this.#location = location;
  }

  /**
   * Publishes to a stream.
   *
   * @throws {@link WhipRefusal} where the gateway does not take it; a TypeError where it does not answer
   */
  static async publish(streamId: string, media: MediaStream, { onState }: WhipClientListeners): Promise<WhipClient> {
    const url = at(`whip/${encodeURIComponent(streamId)}`);
    const connection = new RTCPeerConnection({ iceServers: await offeredServers(url), bundlePolicy: 'max-bundle' });
    try {
      for (const track of media.getTracks()) {
        const isVideo = track.kind === 'video';
        const sendEncodings = isVideo ? [{ maxBitrate: MAX_VIDEO_BITRATE }] : [];
        connection.addTransceiver(track, { direction: 'sendonly', streams: [media], sendEncodings });
      }
      connection.addEventListener('connectionstatechange', () => {
        onState(connection.connectionState);
      });
      await connection.setLocalDescription();
      // The gateway answers whoever asks, so it need not know the addresses of this device.
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp' },
        body: connection.localDescription?.sdp ?? '',
      });
      if (response.status !== 201) throw new WhipRefusal(response.status, await reasonOf(response));
      const client = new WhipClient(connection, new URL(response.headers.get('location') ?? '', response.url).href);
      await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
      return client;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Figures of the connection. */
  stats(): Promise<RTCStatsReport> {
    return this.#connection.getStats();
  }

  /**
   * Ends the session, also while the page is closed. Never rejects.
   *
   * @returns whether somebody else had taken its place
   */
  async close(): Promise<boolean> {
    this.#connection.close();
    const response = await fetch(this.#location, { method: 'DELETE', keepalive: true }).catch(() => undefined);
    return response?.status === CONFLICT;
  }
}

/** STUN and TURN servers of the gateway, from its answer to OPTIONS; none where it has none. */
async function offeredServers(url: string): Promise<RTCIceServer[]> {
  const response = await fetch(url, { method: 'OPTIONS' });
  return parseIceLinks(response.headers.get('link') ?? '');
}

const LINK = /<([^>]+)>\s*;([^<]*)/g;
const PARAMETER = /([\w-]+)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/** The servers in a header `Link` (RFC 9725, 4.6). */
export function parseIceLinks(header: string): RTCIceServer[] {
  return [...header.matchAll(LINK)].flatMap(([, urls = '', rest = '']) => {
    const parameters = new Map(
      [...rest.matchAll(PARAMETER)].map(([, name = '', value = '']) => [name, value.replace(/\\(.)/g, '$1')]),
    );
    if (parameters.get('rel') !== 'ice-server') return [];
    const username = parameters.get('username');
    const credential = parameters.get('credential');
    return [{ urls, ...(username !== undefined && { username }), ...(credential !== undefined && { credential }) }];
  });
}

async function reasonOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { readonly error?: { readonly message?: string } };
    return error?.message ?? `the gateway answered ${response.status}`;
  } catch {
    return `the gateway answered ${response.status}`;
  }
}
