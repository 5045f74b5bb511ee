import type { FrameMemory } from '../../shared/domain/frame.js';
import type { FrameResidency } from '../../shared/domain/stream-status.js';

/** What decodes or encodes, and why. */
export interface Coder {
  /** GStreamer element; absent where it is not known. */
  readonly element?: string | undefined;
  /** One sentence; absent where there was no choice. */
  readonly reason?: string | undefined;
}

/** Where decoded frames lie, in a stream that works in `backend` memory. */
export function decodeResidency(memory: FrameMemory, backend: FrameMemory, coder: Coder): FrameResidency {
  const where =
    memory === 'cuda'
      ? 'leaves its pictures on the GPU'
      : backend === 'cuda'
        ? 'leaves its pictures in system memory; each is uploaded once'
        : 'leaves its pictures in system memory';
  return { stage: 'decode', memory, reason: sentence(coder, where) };
}

/** Where composed frames are taken from, in a stream that works in `backend` memory. */
export function encodeResidency(memory: FrameMemory, backend: FrameMemory, coder: Coder): FrameResidency {
  const where =
    memory === 'cuda'
      ? 'takes pictures on the GPU'
      : backend === 'cuda'
        ? 'takes pictures from system memory: each composed one is downloaded once'
        : 'takes pictures from system memory';
  return { stage: 'encode', memory, reason: sentence(coder, where) };
}

const sentence = ({ element = 'GStreamer', reason }: Coder, where: string): string =>
  `${element} ${where}${reason === undefined ? '' : ` (${reason})`}`;
