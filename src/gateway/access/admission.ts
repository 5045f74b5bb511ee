import { explainHost, explainKind } from '../../shared/networks/network-rules.js';
import type { NetworkAccess } from '../../shared/networks/network-access.js';
import type { StreamConfig, TargetConfig } from '../../shared/config/schema.js';
import { deviceOf, parseCameraUrl, schemeOf, sourceFile } from '../../shared/config/source-url.js';
import { parseRtmpLocation } from '../../shared/rtmp/location.js';
import { isSrtUrl, parseSrtLocation } from '../../shared/srt/location.js';

/** What of a stream leads out of the gateway. */
export type Reaching = Pick<StreamConfig, 'source' | 'targets'>;

/** What of a stream names files. */
export type Naming = Pick<StreamConfig, 'source' | 'detect' | 'reid'>;

/** An option that names a file of this machine. */
export interface NamedFile {
  /** Such as `source.url`. */
  readonly option: string;
  /** As it was written. */
  readonly path: string;
  /** Whether it is a camera that the system lists. */
  readonly isCamera: boolean;
}

/** Devices of cameras; everything else below /dev is another kind of device. */
const CAMERA_DEVICE = /^\/dev\/(?:video\d+|v4l\/by-(?:id|path)\/[^/]+)$/;

/**
 * Why a stream may not reach what it names by address, or be of its kind; `undefined` where it may, or names are given,
 * whose addresses are looked at when they are connected to.
 */
export function explainReach({ source, targets }: Reaching, access: NetworkAccess): string | undefined {
  const sourceProblem = explainSource(source, access);
  if (sourceProblem !== undefined) return `source.${sourceProblem}`;
  for (const [index, target] of targets.entries()) {
    const problem = explainTarget(target, access);
    if (problem !== undefined) return `targets[${index}].url: ${problem}`;
  }
  return undefined;
}

/** The same of a source alone; begins with the name of the option. */
export function explainSource({ url, onvif }: StreamConfig['source'], { sources }: NetworkAccess): string | undefined {
  const problem = explainKind(schemeOf(url) ?? 'file', sources, 'sources') ?? explainHostOf(hostOf(url), { sources });
  if (problem !== undefined) return `url: ${problem}`;
  const service = typeof onvif === 'object' ? hostOf(onvif.url) : undefined;
  const serviceProblem = explainHostOf(service, { sources });
  return serviceProblem === undefined ? undefined : `onvif.url: ${serviceProblem}`;
}

/** The files that a stream names; models and sources by name, and URLs, are none. */
export function filesOf({ source, detect, reid }: Naming): readonly NamedFile[] {
  const device = deviceOf(source.url);
  return [
    ...named('source.url', sourceFile(source.url)),
    ...(device === undefined ? [] : [{ option: 'source.url', path: device, isCamera: CAMERA_DEVICE.test(device) }]),
    ...named('source.tls.caFile', source.tls.caFile),
    ...named('detect.model', modelFile(detect.model)),
    ...named('detect.pose', modelFile(detect.pose)),
    ...named('reid.model', modelFile(reid.model)),
  ];
}

const named = (option: string, path: string | undefined): NamedFile[] =>
  path === undefined ? [] : [{ option, path, isCamera: false }];

/** A model is a name, a file, or a name and a file: `yolov8n=/srv/yolov8n.onnx`. */
function modelFile(model: string): string | undefined {
  const path = model.slice(model.indexOf('=') + 1);
  return model.includes('=') || model.includes('/') || /\.onnx$/i.test(model) ? path : undefined;
}

function explainTarget(target: TargetConfig, { targets }: NetworkAccess): string | undefined {
  const { scheme, host } = destinationOf(target);
  return (
    explainKind(scheme, targets, 'targets') ?? (host === undefined ? undefined : explainHost(host, targets, 'targets'))
  );
}

function destinationOf({ url, key }: TargetConfig): { readonly scheme: string; readonly host?: string } {
  if (isSrtUrl(url)) {
    const location = parseSrtLocation(url);
    return { scheme: 'srt', ...(location?.mode === 'caller' && { host: location.host }) };
  }
  const { scheme, host } = parseRtmpLocation({ url, ...(key !== undefined && { key }) });
  return { scheme, host };
}

const explainHostOf = (host: string | undefined, { sources }: Pick<NetworkAccess, 'sources'>): string | undefined =>
  host === undefined ? undefined : explainHost(host, sources, 'sources');

/** Whom a source calls; absent where it calls nobody. */
function hostOf(url: string): string | undefined {
  if (isSrtUrl(url)) {
    const location = parseSrtLocation(url);
    return location?.mode === 'caller' ? location.host : undefined;
  }
  const location = parseCameraUrl(url)?.location;
  if (location === undefined) return undefined;
  // What asks by HTTP reads the host as browsers do.
  if (/^https?:/i.test(location)) return URL.canParse(location) ? new URL(location).hostname : undefined;
  return /^[a-z]+:\/\/(\[[^\]]*\]|[^:/?#]*)/i.exec(location)?.[1];
}
