import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { XMLParser } from 'fast-xml-parser';
import { OddAuth } from './odd-auth.js';

/** How a camera's ONVIF services behave; what is absent is as it should be. */
export interface OnvifServerOptions {
  user?: string;
  password?: string;
  /** `wsse`: a digest in the request · `http`: Digest of HTTP, and nothing else. */
  auth?: 'wsse' | 'http';
  /** Of its media services. */
  media?: readonly (1 | 2)[];
  /** It has no GetServices. */
  hasOnlyCapabilities?: boolean;
  /** The clock that it shows, minus ours, ms. */
  clockOffsetMs?: number;
  /** The host that it names in addresses. */
  namedHost?: string;
  /** Stream addresses by profile. */
  profiles?: Readonly<Record<string, string>>;
  /** Answers every request with this. */
  raw?: string;
  /** Answers nothing. */
  isSilent?: boolean;
  /** Told which profile is to begin with a keyframe. */
  onKeyframe?: (profile: string) => void;
}

interface Parsed {
  readonly Envelope?: {
    readonly Header?: { readonly Security?: { readonly UsernameToken?: Readonly<Record<string, unknown>> } };
    readonly Body?: Readonly<Record<string, Readonly<Record<string, unknown>> | string>>;
  };
}

/** A real HTTP server with the ONVIF services that keyframes are asked of. */
export interface OnvifServer {
  readonly url: string;
  /** Operations in order, those that were refused too. */
  readonly operations: string[];
  /** Profiles that were asked for a keyframe. */
  readonly keyframes: string[];
  stop(): Promise<void>;
}

const CLOCK_TOLERANCE_MS = 5000;
const parser = new XMLParser({ removeNSPrefix: true, ignoreAttributes: true, parseTagValue: false });

/** Listens on loopback, on a free port. */
export async function startOnvifServer(options: OnvifServerOptions = {}): Promise<OnvifServer> {
  const operations: string[] = [];
  const keyframes: string[] = [];
  const { user = 'onvif', password = 'se<c>ret' } = options;
  const http = new OddAuth({ tracks: [], auth: { user, password, schemes: ['md5'], hasQop: true } });
  const nonces = new Set<string>();

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://${options.namedHost ?? '127.0.0.1'}:${port}`;
  return {
    url: `http://127.0.0.1:${port}/onvif/device_service`,
    operations,
    keyframes,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (options.isSilent === true) return void operations.push('no answer');
    const { Envelope } = parser.parse(Buffer.concat(chunks).toString()) as Parsed;
    const [operation = '', parameters = {}] = Object.entries(Envelope?.Body ?? {})[0] ?? [];
    operations.push(operation);
    if (options.raw !== undefined) return void response.end(options.raw);
    const token = Envelope?.Header?.Security?.UsernameToken;
    if (operation !== 'GetSystemDateAndTime' && options.auth === 'http') {
      if (!http.accepts('POST', request.headers.authorization)) {
        response.writeHead(
          401,
          http
            .challenges()
            .map((line): [string, string] => {
              const colon = line.indexOf(':');
              return [line.slice(0, colon), line.slice(colon + 1).trim()];
            })
            .flat(),
        );
        return void response.end();
      }
    } else if (operation !== 'GetSystemDateAndTime' && !isRight(token)) {
      response.statusCode = 400;
      return void response.end(fault('ter:NotAuthorized', 'Sender not Authorized'));
    }
    const body = answer(operation, typeof parameters === 'string' ? {} : parameters, request.url ?? '');
    if (body === undefined) response.statusCode = 500;
    response.end(body ?? fault('ter:ActionNotSupported', 'Optional Action Not Implemented'));
  }

  /** WS-Security UsernameToken Profile 1.0: each nonce once, and a time that is near to ours. */
  function isRight(token: Readonly<Record<string, unknown>> | undefined): boolean {
    if (token === undefined) return false;
    const { Username, Password, Nonce, Created } = token as Record<string, string>;
    const nowMs = Date.now() + (options.clockOffsetMs ?? 0);
    if (Nonce === undefined || Created === undefined || nonces.has(Nonce)) return false;
    nonces.add(Nonce);
    if (Math.abs(Date.parse(Created) - nowMs) > CLOCK_TOLERANCE_MS + (options.clockOffsetMs === undefined ? 0 : 1000))
      return false;
    const wanted = createHash('sha1').update(Buffer.from(Nonce, 'base64')).update(Created).update(password);
    return Username === user && Password === wanted.digest('base64');
  }

  function answer(operation: string, parameters: Readonly<Record<string, unknown>>, path: string): string | undefined {
    const { media = [1, 2], profiles = { main: 'rtsp://10.0.0.9/cam' } } = options;
    const isMedia2 = path.includes('media2');
    const token = (parameters['ProfileToken'] as string | undefined) ?? '';
    switch (operation) {
      case 'GetSystemDateAndTime':
        return envelope('tds', time(new Date(Date.now() + (options.clockOffsetMs ?? 0))));
      case 'GetServices':
        if (options.hasOnlyCapabilities === true) return undefined;
        return envelope('tds', `<tds:GetServicesResponse>${media.map(service).join('')}</tds:GetServicesResponse>`);
      case 'GetCapabilities':
        return envelope(
          'tds',
          `<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>${base}/onvif/media1</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`,
        );
      case 'GetProfiles':
        return envelope(
          'trt',
          `<trt:GetProfilesResponse>${Object.keys(profiles)
            .map((name) => `<trt:Profiles token="${name}" fixed="true"><tt:Name>${name}</tt:Name></trt:Profiles>`)
            .join('')}</trt:GetProfilesResponse>`,
        );
      case 'GetStreamUri': {
        const uri = (profiles[token] ?? '').replaceAll('&', '&amp;');
        const inner = isMedia2 ? `<trt:Uri>${uri}</trt:Uri>` : `<trt:MediaUri><tt:Uri>${uri}</tt:Uri></trt:MediaUri>`;
        return envelope('trt', `<trt:GetStreamUriResponse>${inner}</trt:GetStreamUriResponse>`);
      }
      case 'SetSynchronizationPoint':
        if (!(token in profiles)) return undefined;
        keyframes.push(token);
        options.onKeyframe?.(token);
        return envelope('trt', '<trt:SetSynchronizationPointResponse/>');
      default:
        return undefined;
    }
  }

  function service(version: 1 | 2): string {
    const space = `http://www.onvif.org/ver${version}0/media/wsdl`;
    return `<tds:Service><tds:Namespace>${space}</tds:Namespace><tds:XAddr>${base}/onvif/media${version}</tds:XAddr></tds:Service>`;
  }
}

const envelope = (prefix: string, body: string): string =>
  `<?xml version="1.0"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:${prefix}="urn:${prefix}"><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;

const fault = (code: string, reason: string): string =>
  envelope(
    'ter',
    `<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value><SOAP-ENV:Subcode><SOAP-ENV:Value>${code}</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">${reason}</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>`,
  );

const time = (now: Date): string =>
  `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`;
