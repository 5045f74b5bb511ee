import { parseRtmpLocation } from '../rtmp/location.js';
import { isSrtUrl, parseSrtLocation } from '../srt/location.js';

/** A target as it is configured. */
export interface PublishingTarget {
  /** Name of the target, where it has one. */
  readonly id?: string | undefined;
  /** With or without the stream key. */
  readonly url: string;
  /** Stream key, where the URL does not hold it. */
  readonly key?: string | undefined;
}

/** A stream, as far as its targets go. */
export interface PublishingStream {
  /** Name of the stream. */
  readonly id: string;
  /** A target without a name is known by its place. */
  readonly targets: readonly PublishingTarget[];
}

/** Two targets that publish to the same place. */
export interface DoubleDestination {
  /** Place of the stream that comes later. */
  readonly stream: number;
  /** Place of its target. */
  readonly target: number;
  /** The target before it, in words. */
  readonly first: string;
}

/** Every target that publishes where one before it does, in any stream. */
export function doubleDestinations(streams: readonly PublishingStream[]): readonly DoubleDestination[] {
  const known = new Map<string, string>();
  const doubles: DoubleDestination[] = [];
  streams.forEach(({ id: streamId, targets }, stream) => {
    targets.forEach((target, place) => {
      const destination = destinationOf(target);
      if (destination === undefined) return;
      const first = known.get(destination);
      if (first === undefined) known.set(destination, `target ${target.id ?? place + 1} of stream "${streamId}"`);
      else doubles.push({ stream, target: place, first });
    });
  });
  return doubles;
}

/** What is wrong with a target that publishes where `first` does, and what to do. */
export const explainDouble = (first: string): string =>
  `expected another destination than that of ${first}: a server takes one publisher for each stream key, and a port one listener; remove one of the two, or give one another key or port`;

/** The same text for all ways to write one destination; `undefined` where it is none. */
function destinationOf({ url, key }: PublishingTarget): string | undefined {
  if (isSrtUrl(url)) return srtDestination(url);
  try {
    const { host, port, application, stream } = parseRtmpLocation({ url, ...(key !== undefined && { key }) });
    return JSON.stringify([plainHost(host), port, application.replace(/\/+/g, '/'), stream]);
  } catch {
    return undefined;
  }
}

/** A receiver that is called tells streams apart by their id; one that calls, by the port. */
function srtDestination(url: string): string | undefined {
  const location = parseSrtLocation(url);
  if (!location) return undefined;
  const { mode, host, port, streamId = '' } = location;
  return JSON.stringify(mode === 'listener' ? ['srt', mode, port] : ['srt', mode, plainHost(host), port, streamId]);
}

const plainHost = (host: string): string => host.toLowerCase().replace(/\.$/, '');
