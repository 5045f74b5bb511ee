import type { JSX } from 'preact';

/** What `POST /api/v1/probe` tells of a source, as far as the page shows it. */
export interface Probed {
  /** Of the video. */
  readonly codec?: string;
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** Frames a second. */
  readonly fps?: number;
  /** Codec of the sound, or `none`. */
  readonly audio?: string;
  /** Element that would decode it. */
  readonly decoder?: string;
  /** A JPEG, base64. */
  readonly thumbnail?: string;
}

/** What a source offers: its picture and what it is. */
export function ProbeResult({ probed }: { readonly probed: Probed }): JSX.Element {
  const { codec, width, height, fps, audio, thumbnail } = probed;
  const facts = [
    ...(width === undefined || height === undefined ? [] : [`${width} × ${height}`]),
    ...(fps === undefined ? [] : [`${Math.round(fps)} fps`]),
    ...(codec === undefined ? [] : [codec]),
    audio === undefined || audio === 'none' ? 'no sound' : `sound: ${audio}`,
  ];
  return (
    <figure class="probed" role="status">
      {thumbnail !== undefined && <img src={`data:image/jpeg;base64,${thumbnail}`} alt="Picture of the camera" />}
      <figcaption>The camera works: {facts.join(' · ')}</figcaption>
    </figure>
  );
}
