import type { JSX } from 'preact';
import { probeText, type ProbeResult } from './probe-result.js';

/** The picture of a source and what it sends, before it is saved. */
export function ProbeView({ result }: { readonly result: ProbeResult }): JSX.Element {
  return (
    <figure class="probe">
      <img src={result.thumbnail} alt="Picture of the camera" />
      <figcaption class="detail">{probeText(result)}</figcaption>
    </figure>
  );
}
