import * as z from 'zod';
import { secretFile } from './secret-file-schema.js';
import { addressText, plainText, urlText } from './url-characters.js';

const ICE_URL = /^(?:stuns?|turns?):[^\s?]+(?:\?transport=(?:udp|tcp))?$/i;

/** A STUN or TURN server that viewers and publishers are told of. */
const iceServerSchema = z.strictObject({
  urls: z
    .array(
      urlText()
        .max(512)
        .regex(ICE_URL, 'use a URL such as turn:turn.example.org:3478?transport=udp, turns:… or stun:…'),
    )
    .min(1)
    .max(8)
    .describe('its URLs: stun:HOST:PORT, turn:HOST:PORT?transport=udp or tcp, turns:HOST:PORT?transport=tcp'),
  secret: plainText()
    .min(1)
    .max(512)
    .optional()
    .describe(
      'shared secret of a TURN server with use-auth-secret (coturn): everybody gets a user name and password of their own that expire',
    ),
  secretFile: secretFile('secret'),
  validS: z
    .int()
    .min(60)
    .max(31_536_000)
    .default(86_400)
    .describe(
      'with secret: how long a user name and password can be used to connect, s; higher lets pages that stay open for longer connect again, lower is of less use to who finds them out',
    ),
  username: plainText().min(1).max(512).optional().describe('user name of a TURN server without secret'),
  credential: plainText().min(1).max(512).optional().describe('password of a TURN server without secret'),
  credentialFile: secretFile('credential'),
});

/** How the media of viewers and publishers reaches the gateway. */
export const webrtcSchema = z.strictObject({
  listenIp: addressText()
    .min(1)
    .max(255)
    .optional()
    .describe(
      'address that media is sent from and received on; http.host where it is not given; 0.0.0.0 uses all addresses of this machine, :: those of IPv6 as well',
    ),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe(
      'UDP and TCP port that the media of all viewers and publishers goes through; the first free one from minPort on where it is not given',
    ),
  announcedAddress: addressText()
    .min(1)
    .max(255)
    .optional()
    .describe('address or host name that is sent to browsers instead of listenIp; needed behind NAT'),
  announcedAddresses: z
    .array(addressText().min(1).max(255))
    .max(16)
    .default([])
    .describe('the same for several addresses, IPv4 and IPv6; browsers try them in this order'),
  iceServers: z
    .array(iceServerSchema)
    .max(8)
    .default([])
    .describe('STUN and TURN servers for viewers and publishers whose networks do not let them through'),
  minPort: z
    .int()
    .min(1024)
    .max(65_535)
    .default(40_000)
    .describe(
      'lowest of the ports for media: what webrtc.port is without a value, and UDP ports on 127.0.0.1 between the processes of the gateway, and with cluster.viewersPerHost between hosts; lower gives room for more streams',
    ),
  maxPort: z
    .int()
    .min(1024)
    .max(65_535)
    .default(40_999)
    .describe(
      'highest of these ports; higher gives room for more streams: each uses four on 127.0.0.1, viewers need one for all',
    ),
});

/** {@link webrtcSchema} with its defaults filled in. */
export type WebRtcConfig = z.output<typeof webrtcSchema>;
/** One of `webrtc.iceServers`. */
export type IceServerConfig = WebRtcConfig['iceServers'][number];
