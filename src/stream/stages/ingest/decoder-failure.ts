import { DiptychError } from '../../../shared/domain/errors.js';
import type { BusMessage } from '../../native/types.js';
import { decoderName, type DecoderChoice } from './decoder-choice.js';

/** A decoder in hardware failed; another one may take what it refused. */
export class DecoderFailure extends Error {
  /** GStreamer element that failed. */
  readonly element: string;

  constructor(element: string, message: string) {
    super(message);
    this.element = element;
  }
}

/**
 * The failure of `decoder` that an error on the bus means; `undefined` where the error has another cause, or
 * the decoder is not in hardware. A failure upstream of it shows as a format that was not negotiated.
 *
 * @param sink - name of the sink, which takes every format except surfaces that it cannot read
 */
export function decoderFailureOf(
  error: Extract<BusMessage, { type: 'error' | 'warning' }>,
  decoder: DecoderChoice | undefined,
  sink: string,
): DecoderFailure | undefined {
  if (decoder?.isHardware !== true) return undefined;
  const isIts =
    error.element === decoderName(decoder.codec) || error.element === sink || error.debug.includes('not-negotiated');
  if (!isIts) return undefined;
  return new DecoderFailure(decoder.element, `${decoder.element} failed: ${error.text} [${error.debug}]`);
}

/** Pictures on the GPU that have to be turned, which is done in system memory. @param element - what decodes them */
export const turnedPicturesFailure = (element: string): DecoderFailure =>
  new DecoderFailure(
    element,
    `${element} is not used: pictures that have to be turned are decoded to system memory, where that is done`,
  );

/**
 * A source whose pictures nothing here decodes.
 *
 * @param source - its URL with secrets masked
 * @param codec - what it sends
 */
export function missingDecoderError(source: string, codec: string, { rejected }: DecoderChoice): DiptychError {
  const reason = rejected.at(-1)?.reason ?? '';
  return new DiptychError(
    'DIPTYCH_E_ELEMENT_MISSING',
    `${source} sends ${codec}, and there is no decoder for it; ${reason}`,
  );
}
