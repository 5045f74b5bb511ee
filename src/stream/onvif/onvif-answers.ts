import { nodeAt, nodesAt, ONVIF, textAt, type SoapNode, type SoapRequest } from './soap.js';

/** A media service of a camera. */
export interface MediaService {
  /** Media2 takes the place of Media1 in newer cameras, with other parameters. */
  readonly version: 1 | 2;
  /** As the camera names it. */
  readonly address: string;
}

/** What a camera is asked, in the order in which that happens. */
export const REQUESTS = {
  time: { namespace: ONVIF.device, operation: 'GetSystemDateAndTime' },
  services: {
    namespace: ONVIF.device,
    operation: 'GetServices',
    parameters: { 's:IncludeCapability': 'false' },
  },
  capabilities: { namespace: ONVIF.device, operation: 'GetCapabilities', parameters: { 's:Category': 'Media' } },
  profiles: (version: 1 | 2): SoapRequest => ({ namespace: namespaceOf(version), operation: 'GetProfiles' }),
  streamUri: (version: 1 | 2, token: string): SoapRequest => ({
    namespace: namespaceOf(version),
    operation: 'GetStreamUri',
    parameters:
      version === 2
        ? { 's:Protocol': 'RTSP', 's:ProfileToken': token }
        : {
            's:StreamSetup': { 'tt:Stream': 'RTP-Unicast', 'tt:Transport': { 'tt:Protocol': 'RTSP' } },
            's:ProfileToken': token,
          },
  }),
  keyframe: (version: 1 | 2, token: string): SoapRequest => ({
    namespace: namespaceOf(version),
    operation: 'SetSynchronizationPoint',
    parameters: { 's:ProfileToken': token },
  }),
} as const;

const MAX_PROFILES = 16;

/** The media services among those that `GetServices` or `GetCapabilities` names, the newest first. */
export function mediaServicesOf(body: SoapNode): MediaService[] {
  const services = nodesAt(nodeAt(body, 'GetServicesResponse') ?? '', 'Service');
  const named = ([2, 1] as const).flatMap((version): MediaService[] => {
    const service = services.find((each) => textAt(each, 'Namespace') === namespaceOf(version));
    const address = service === undefined ? '' : textAt(service, 'XAddr');
    return address === '' ? [] : [{ version, address }];
  });
  const capable = textAt(body, 'GetCapabilitiesResponse', 'Capabilities', 'Media', 'XAddr');
  return capable === '' ? named : [...named, { version: 1, address: capable }];
}

/** Names of the profiles that `GetProfiles` answers with. */
export function profileTokensOf(body: SoapNode): string[] {
  return nodesAt(nodeAt(body, 'GetProfilesResponse') ?? '', 'Profiles')
    .map((profile) => textAt(profile, '@token'))
    .filter((token) => token !== '')
    .slice(0, MAX_PROFILES);
}

/** What `GetStreamUri` answers with; empty where there is none. */
export const streamUriOf = (body: SoapNode): string =>
  textAt(body, 'GetStreamUriResponse', 'MediaUri', 'Uri') || textAt(body, 'GetStreamUriResponse', 'Uri');

/** The camera's clock, ms since 1970; `undefined` where it does not tell. */
export function cameraTimeOf(body: SoapNode): number | undefined {
  const utc = nodeAt(body, 'GetSystemDateAndTimeResponse', 'SystemDateAndTime', 'UTCDateTime');
  if (utc === undefined) return undefined;
  const part = (...names: readonly string[]): number => Number(textAt(utc, ...names) || Number.NaN);
  const time = Date.UTC(
    ...([part('Date', 'Year'), part('Date', 'Month') - 1, part('Date', 'Day')] as const),
    ...([part('Time', 'Hour'), part('Time', 'Minute'), part('Time', 'Second')] as const),
  );
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Where a service is asked. Cameras behind an address translation name addresses that cannot be reached, and a user's
 * password goes to the host that was configured and to no other: only path and query are taken of another host, and
 * the port too of the same one.
 */
export function serviceUrl(configured: URL, named: string): URL {
  const address = URL.canParse(named, configured.href) ? new URL(named, configured) : configured;
  const url = new URL(configured);
  url.pathname = address.pathname;
  url.search = address.search;
  const isSame = address.hostname === configured.hostname && address.protocol === configured.protocol;
  if (isSame) url.port = address.port;
  return url;
}

/**
 * The profiles whose stream the source plays; all of them where none is found. Cameras add parameters to the address
 * that was configured, and tell host, port and user otherwise.
 *
 * @param profiles - each with the address of its stream, as the camera says it
 */
export function profilesOf(
  profiles: readonly { readonly token: string; readonly uri: string }[],
  sourceUrl: string,
): string[] {
  const wanted = streamOf(sourceUrl);
  const found = profiles.filter(({ uri }) => {
    const { path, parameters } = streamOf(uri);
    return path === wanted.path && [...wanted.parameters].every((parameter) => parameters.has(parameter));
  });
  return (found.length === 0 ? profiles : found).map(({ token }) => token);
}

const namespaceOf = (version: 1 | 2): string => (version === 2 ? ONVIF.media2 : ONVIF.media1);

function streamOf(url: string): { readonly path: string; readonly parameters: ReadonlySet<string> } {
  const [, path = '', query = ''] = /^[a-z]+:\/\/[^/?]*([^?]*)(?:\?(.*))?$/i.exec(url) ?? [];
  return { path: path.replace(/\/$/, ''), parameters: new Set(query.split('&').filter((part) => part !== '')) };
}
