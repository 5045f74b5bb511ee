import type { StreamView } from '../shared/domain/stream-status.js';
import { element, setText } from './elements.js';
import { setRows } from './figures.js';
import { formatBytes, formatMemory, gpuProblem, reasons, STAGE_LABELS, workplace } from './wording.js';

/** Where the stream is processed: the memory of each stage, the bytes that cross the bus for each frame, and why. */
export class GpuPanel {
  readonly #headline = element('span', { className: 'headline' });
  /** Why the GPU is not used any more; empty otherwise. */
  readonly #problem = element('p', { className: 'problem' });
  readonly #figures = element('dl', { className: 'figures' });
  readonly #reasons = element('dl', { className: 'reasons' });
  readonly #why = element('details', {}, element('summary', {}, 'Why'), this.#reasons);

  /** Its elements, to be put into the page once. */
  get content(): HTMLElement[] {
    return [this.#headline, this.#problem, this.#figures, this.#why];
  }

  /** Shows a new status. */
  update(view: StreamView): void {
    const { gpu, memory } = view;
    setText(this.#headline, workplace(gpu));
    setText(this.#problem, gpuProblem(gpu));
    const bytes = gpu?.state === 'used' ? gpu.bytesPerFrame : undefined;
    setRows(this.#figures, [
      ...(gpu?.stages ?? []).map(
        ({ stage, memory: where }) => [STAGE_LABELS[stage], where === 'cuda' ? 'GPU' : 'CPU'] as const,
      ),
      ...(bytes
        ? ([
            ['To the GPU', `${formatBytes(bytes.toDevice)} a frame`],
            ['From the GPU', `${formatBytes(bytes.toHost)} a frame`],
          ] as const)
        : []),
      ['Memory', formatMemory(memory)],
    ]);
    const rows = reasons(view);
    this.#why.hidden = rows.length === 0;
    setRows(this.#reasons, rows);
  }
}
