import type { IceServer } from '../../shared/signaling/protocol.js';

/** A request to begin a session. */
export interface SdpRequest {
  /** The stream of the path. */
  readonly streamId: string;
  /** The offer, as it came. */
  readonly offer: string;
}

/** One session of WHIP or WHEP: one peer connection of a client. */
export interface SdpSession {
  /** Nobody can guess it. */
  readonly id: string;
  /** The stream that it belongs to. */
  readonly streamId: string;
  /** The SDP answer. */
  readonly answer: string;
  /** Names the ICE session, with its quotation marks; another one after each restart. */
  readonly etag: string;
  /** `a=ice-ufrag` of the client; another one in a fragment asks for an ICE restart. */
  readonly clientUfrag: string;
  /** STUN and TURN servers for the client. */
  readonly iceServers: readonly IceServer[];
  /**
   * Begins a new ICE session with a client that has this name from now on.
   *
   * @returns the fragment that answers it
   */
  restartIce(clientUfrag: string): Promise<string>;
  /** Ends the session and frees what it has. Idempotent. */
  close(): void;
}

/** What stands behind the paths of WHIP or WHEP. */
export interface SdpEndpoint {
  /**
   * Begins a session.
   *
   * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` (404), `DIPTYCH_E_NOT_ACCEPTABLE` (406), `DIPTYCH_E_CONFLICT`
   * (409), `DIPTYCH_E_BAD_INPUT` (400), `DIPTYCH_E_NOT_READY` (503)
   */
  open(request: SdpRequest): Promise<SdpSession>;
  /** A session that goes on; absent where it has ended or never was. */
  find(streamId: string, sessionId: string): SdpSession | undefined;
}
