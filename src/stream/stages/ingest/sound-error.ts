import type { BusMessage } from '../../native/types.js';

type BusError = Extract<BusMessage, { type: 'error' | 'warning' }>;

/** Of `gst-stream-error-quark`, which most failures of a graph of sound have, the text says nothing. */
const FLOW_ENDED = /reason ([\w-]+)/;

/** An error on the bus of a graph that decodes sound, in plain words. */
export function explainSoundError({ text, element, debug }: BusError): string {
  const flow = FLOW_ENDED.exec(debug)?.[1];
  if (flow === 'not-negotiated') return 'its format is not one that the decoder takes';
  return flow === undefined ? `${text} (${element})` : `the decoder gave up (${flow})`;
}
