import * as z from 'zod';
import { allLive } from './live-meta.js';
import { explainSourceUrl } from './source-url.js';
import { secretFile } from './secret-file-schema.js';
import { checkedText, plainText, urlText } from './url-characters.js';

/** Text that {@link explainSourceUrl} finds nothing wrong with. */
const sourceUrlText = (): z.ZodString => checkedText(explainSourceUrl);

/** Which tracks of a camera are played. */
const trackChoiceSchema = z.strictObject({
  video: z
    .union([z.literal('auto'), z.int().min(0).max(31)])
    .default('auto')
    .describe(
      'auto takes the first that can be decoded, a larger picture before a smaller; or its number among those with pictures, from 0',
    ),
  audio: z
    .union([z.literal('auto'), z.literal('none'), z.int().min(0).max(31)])
    .default('auto')
    .describe(
      'auto takes the first that can be decoded; none is silence; or its number among those with sound, from 0',
    ),
});

/** How the certificate of a camera is checked. */
const tlsSchema = z.strictObject({
  verify: z
    .boolean()
    .default(true)
    .describe('false takes any certificate, so that the connection is encrypted and may still be read by others'),
  fingerprint: z
    .string()
    .max(256)
    .regex(
      /^\s*(?:sha-?256[\s:=]*)?[0-9a-f]{2}(?::?[0-9a-f]{2}){31}\s*$/i,
      'use "sha256 " and 64 hexadecimal digits, with or without colons',
    )
    .optional()
    .describe('the only certificate that is taken, self-signed or not: sha256 and its fingerprint, as errors show it'),
  caFile: urlText()
    .min(1)
    .max(4096)
    .optional()
    .describe('file with the certificates of the authorities that are trusted, PEM; instead of those of the system'),
});

/** The ONVIF services of a camera. */
const onvifSchema = z.strictObject({
  url: urlText()
    .min(1)
    .max(4096)
    .regex(
      /^https?:\/\/[^/?#@\s]+(?:[/?][^#\s]*)?$/i,
      'use http://HOST/onvif/device_service, without user and password',
    )
    .describe('its device service, such as http://192.168.1.20/onvif/device_service, or its media service'),
  username: plainText()
    .max(256)
    .optional()
    .describe('a user that the camera knows for ONVIF; that of the source when absent'),
  password: plainText().max(256).optional().describe('its password; that of the source when absent'),
  passwordFile: secretFile('password'),
});

/** What a V4L2 device is asked for. */
const v4l2Schema = z.strictObject({
  width: z
    .int()
    .min(16)
    .max(8192)
    .optional()
    .describe('width of the pictures, pixels; absent: that nearest to the output; higher is sharper and costs more'),
  height: z
    .int()
    .min(16)
    .max(8192)
    .optional()
    .describe('height of the pictures, pixels; absent: that nearest to the output; higher is sharper and costs more'),
  fps: z
    .number()
    .min(1)
    .max(240)
    .optional()
    .describe('pictures a second; absent: that of the output, or what comes nearest; higher is smoother'),
  format: z
    .enum(['auto', 'mjpeg', 'h264', 'raw'])
    .default('auto')
    .describe(
      'how the device sends its pictures; auto takes the format that has the wanted size and rate, raw before mjpeg before h264',
    ),
});

/** Where pictures come from. */
export const sourceSchema = z.strictObject(
  allLive({
    url: sourceUrlText()
      .min(1)
      .max(4096)
      .describe(
        'rtsp://…, rtsps://…, http://… and https://… (Motion JPEG, single pictures or HLS), srt://host:port (calls), srt://:port (is called), v4l2:/dev/video0 (a camera of this machine), whip: (what a browser or OBS publishes to this gateway), file:///path or a plain path, test:people (the scene of the demo) or test: (colour bars)',
      ),
    user: plainText().max(256).optional().describe('user name, of RTSP and HTTP; here no character needs escaping'),
    password: plainText()
      .max(256)
      .optional()
      .describe('its password, or the passphrase of SRT; here no character needs escaping'),
    passwordFile: secretFile('password'),
    transport: z
      .enum(['auto', 'tcp', 'udp'])
      .default('auto')
      .describe(
        'how RTP is sent; tcp survives lossy networks, udp has less delay; auto takes tcp, and udp where the camera refuses it',
      ),
    track: trackChoiceSchema.prefault({}).describe('which tracks of a camera that offers several'),
    tls: tlsSchema.prefault({}).describe('how the certificate of a camera is checked, for rtsps:// and https://'),
    latencyMs: z
      .int()
      .min(0)
      .max(10_000)
      .default(100)
      .describe(
        'jitter buffer, ms; of srt:// how long lost packets are waited for, where the URL has no latency; higher waits longer for late packets and adds delay, lower drops more of them',
      ),
    rotate: z
      .enum(['auto', '0', '90', '180', '270'])
      .default('auto')
      .describe('turns the picture clockwise, degrees; auto by what the source says of itself, 0 never'),
    maxGopS: z
      .number()
      .min(5)
      .max(3600)
      .default(180)
      .describe(
        'while packets arrive and no keyframe does, the connection is kept for this long, s; higher waits for cameras with rarer keyframes, lower opens it again sooner',
      ),
    onvif: z
      .union([z.boolean(), onvifSchema])
      .default(false)
      .describe(
        'whether a camera that takes no requests for keyframes over RTCP is asked over ONVIF (SetSynchronizationPoint), so that the picture comes sooner; true asks http://HOST/onvif/device_service on port 80 of the host of url, or a block with url, and username and password where they are not those of the source',
      ),
    frozenS: z
      .number()
      .min(0)
      .default(30)
      .describe(
        'a camera that sends the same picture for longer than this, s, is told as frozen; higher tells later, 0 never',
      ),
    pollFps: z
      .number()
      .min(0.2)
      .max(30)
      .default(5)
      .describe(
        'of http:// and https://: how often a camera that answers with single pictures is asked, a second; higher is smoother, lower spares the camera and the network',
      ),
    v4l2: v4l2Schema.prefault({}).describe('what a V4L2 device is asked for'),
    takeover: z
      .boolean()
      .default(false)
      .describe(
        'of whip: whether a second publisher takes the place of the first; false refuses it while the first one sends',
      ),
    loop: z.boolean().default(true).describe('whether a file starts again when it ends'),
    timeoutS: z
      .number()
      .min(0.1)
      .max(3600)
      .default(5)
      .describe(
        'without a frame for this long, s, the connection is closed and opened again; higher tolerates longer pauses, lower reconnects sooner',
      ),
  }),
);

/** {@link sourceSchema} with its defaults filled in. */
export type SourceConfig = z.output<typeof sourceSchema>;
