import type { DecoderChoice, DecoderChoices } from './decoder-choice.js';

/** What a file contains. */
export interface FileContent {
  /** Of the pictures; absent for any other codec, and without pictures. */
  readonly codec?: 'h264' | 'h265';
  /** Whether the pictures have to be rotated or mirrored when they are shown. */
  readonly isTurned: boolean;
}

/** A decoder that leaves the pictures of a file in GPU memory, or why there is none. */
export function fileDecoding(
  { codec, isTurned }: FileContent,
  choices: DecoderChoices,
): { readonly choice: DecoderChoice; readonly reason?: never } | { readonly choice?: never; readonly reason: string } {
  if (codec === undefined) return { reason: 'pictures that are neither H.264 nor H.265 are decoded to system memory' };
  if (isTurned) return { reason: 'pictures that have to be turned are decoded to system memory, where that is done' };
  const choice = choices[codec];
  if (choice.memory === 'cuda') return { choice };
  const [best] = choice.rejected;
  return { reason: best === undefined ? choice.reason : `${best.element}: ${best.reason}` };
}
