import { describe, expect, it } from 'vitest';
import type { FrameMemory } from '#src/shared/domain/frame.js';
import { DiptychError } from '#src/shared/domain/errors.js';
import type { NativeAddon } from '#src/stream/native/types.js';
import type { Painter, PlannedFrame } from '#src/stream/stages/compose/paint.operator.js';
import type { VisionBackend } from '#src/stream/backend/vision-backend.js';
import { FailoverBackend } from '#src/stream/backend/failover-backend.js';

const output = { width: 64, height: 36 };
const whole = { x: 0, y: 0, ...output };
/** Frames of the source from 10 on; pictures made by the GPU 100, by the CPU 200, the slate 300. */
const ON_GPU = 10;
const IN_MEMORY = 11;
const GPU_PICTURE = 100;
const CPU_PICTURE = 200;
const SLATE = 300;

const plan = (source: number): PlannedFrame => ({
  source,
  plan: {
    ptsMs: 0,
    layout: 'scene',
    regions: [{ content: 'source', crop: whole, dest: whole, alpha: 1 }],
    marks: [],
  },
});

function world({ pictures = 'system', fallbackFails = false } = {}) {
  const lost: string[] = [];
  const references = new Map<number, number>();
  const add = (handle: number, by: number): void => void references.set(handle, (references.get(handle) ?? 0) + by);
  let gpuFails = false;
  let refusal: DiptychError | undefined;
  const onGpu = <T>(value: T): Promise<T> => {
    const failure = gpuFails ? new DiptychError('DIPTYCH_E_GPU_LOST', 'broken') : refusal;
    return failure ? Promise.reject(failure) : Promise.resolve(value);
  };
  const backend = (memory: FrameMemory, state: 'used' | 'off', ids: number): VisionBackend =>
    ({
      memory,
      gpu: { state, reason: state, ...(state === 'used' && { name: 'H100' }) },
      detector: {
        model: 'm',
        reason: '',
        detect: () =>
          memory === 'cuda' ? onGpu({ ptsMs: ids, detections: [] }) : Promise.resolve({ ptsMs: ids, detections: [] }),
      },
      embedder: { model: 'e', metric: 'l2', embed: () => onGpu([]) },
      painter: { paint: () => onGpu(GPU_PICTURE) } as unknown as Painter,
      residencies: [{ stage: 'compose', memory, reason: '' }],
      toBackendMemory: (frame: { handle: number }) => (memory === 'cuda' ? Promise.resolve(frame) : undefined),
      close: () => Promise.resolve(),
    }) as unknown as VisionBackend;
  const live = new FailoverBackend(backend('cuda', 'used', 1), {
    addon: {
      retain: (handle: number) => add(handle, 1),
      release: (handle: number) => add(handle, -1),
      frameInfo: (handle: number) => ({
        memory: handle === ON_GPU ? 'cuda' : handle === GPU_PICTURE ? pictures : 'system',
      }),
      gpuLostReason: () => (gpuFails ? 'broken' : undefined),
    } as unknown as NativeAddon,
    output,
    cpuPainter: {
      paint: ({ plan: given }: PlannedFrame) =>
        Promise.resolve(given.regions.some(({ content }) => content === 'slate') ? SLATE : CPU_PICTURE),
    } as unknown as Painter,
    openFallback: () =>
      fallbackFails ? Promise.reject(new Error('no model')) : Promise.resolve(backend('system', 'off', 2)),
    onLost: (reason) => lost.push(reason),
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const refuse = (error: DiptychError): void => void (refusal = error);
  return { live, lost, references, settle, breakGpu: () => (gpuFails = true), refuse };
}

describe('FailoverBackend', () => {
  it('works on the GPU while there is one', async () => {
    const { live, lost } = world();

    expect(await live.painter.paint(plan(ON_GPU))).toBe(GPU_PICTURE);
    expect((await live.detector.detect({ handle: ON_GPU, ...output, ptsMs: 0 })).ptsMs).toBe(1);
    expect([live.memory, live.status([]), lost]).toMatchObject(['cuda', { state: 'used', name: 'H100' }, []]);
  });

  it('repeats the picture before where the frame was lost with the GPU', async () => {
    const { live, lost, breakGpu } = world();
    await live.painter.paint(plan(ON_GPU));
    breakGpu();

    expect(await live.painter.paint(plan(ON_GPU))).toBe(GPU_PICTURE);
    expect(await live.painter.paint(plan(IN_MEMORY))).toBe(CPU_PICTURE);
    expect(await live.painter.paint(plan(ON_GPU))).toBe(CPU_PICTURE);
    expect(lost).toEqual(['broken']);
    expect([live.memory, live.status([])]).toMatchObject(['system', { state: 'lost', reason: 'broken' }]);
  });

  it('holds the frame that it paints until it is painted', async () => {
    const { live, references, breakGpu } = world();
    breakGpu();
    references.set(IN_MEMORY, 1);

    const painting = live.painter.paint(plan(IN_MEMORY));
    references.set(IN_MEMORY, references.get(IN_MEMORY)! - 1);

    expect(references.get(IN_MEMORY)).toBe(1);
    expect(await painting).toBe(CPU_PICTURE);
    expect(references.get(IN_MEMORY)).toBe(0);
  });

  it('shows the slate where the picture before went down, too', async () => {
    const { live, breakGpu } = world({ pictures: 'cuda' });
    await live.painter.paint(plan(ON_GPU));
    breakGpu();

    expect(await live.painter.paint(plan(ON_GPU))).toBe(SLATE);
  });

  it('goes on with the CPU’s detector, and leaves frames of the GPU out', async () => {
    const { live, settle, breakGpu } = world();
    breakGpu();
    const detect = (handle: number) => live.detector.detect({ handle, ...output, ptsMs: 0 });

    await expect(detect(IN_MEMORY)).rejects.toMatchObject({ code: 'DIPTYCH_E_GPU_LOST' });
    await settle();

    expect((await detect(IN_MEMORY)).ptsMs).toBe(2);
    await expect(detect(ON_GPU)).rejects.toMatchObject({ code: 'DIPTYCH_E_GPU_LOST' });
    expect(
      await live.embedder!.embed([{ ptsMs: 0, detectionIndex: 0, trackId: 1 }], { handle: ON_GPU, ...output }),
    ).toEqual([{ ptsMs: 0, detectionIndex: 0, trackId: 1, embedding: undefined }]);
    expect(live.residencies[0]!.memory).toBe('system');
  });

  it.each(['DIPTYCH_E_GPU', 'DIPTYCH_E_MODEL'] as const)('leaves to the CPU what the GPU refuses: %s', async (code) => {
    const { live, lost, settle, refuse } = world();
    refuse(new DiptychError(code, 'no room for 4K'));
    const detect = () => live.detector.detect({ handle: IN_MEMORY, ...output, ptsMs: 0 });

    await expect(detect()).rejects.toMatchObject({ code: 'DIPTYCH_E_GPU_LOST', message: 'no room for 4K' });
    await settle();

    expect((await detect()).ptsMs).toBe(2);
    expect(await live.painter.paint(plan(IN_MEMORY))).toBe(CPU_PICTURE);
    expect(lost).toEqual(['no room for 4K']);
  });

  it('passes on what the CPU could not do either', async () => {
    const { live, lost, refuse } = world();
    refuse(new DiptychError('DIPTYCH_E_INTERNAL', 'a mistake'));

    await expect(live.painter.paint(plan(ON_GPU))).rejects.toMatchObject({ code: 'DIPTYCH_E_INTERNAL' });
    expect([live.memory, lost]).toEqual(['cuda', []]);
  });

  it('notices a loss that nobody met', () => {
    const { live, lost, breakGpu } = world();
    live.check();
    breakGpu();
    live.check();
    live.check();

    expect(lost).toEqual(['broken']);
  });

  it('fails where the CPU can’t take over', async () => {
    const { live, breakGpu } = world({ fallbackFails: true });
    breakGpu();
    live.check();

    await expect(live.failed).rejects.toThrow('no model');
  });

  it('gives back the picture it held', async () => {
    const { live, references } = world();
    await live.painter.paint(plan(ON_GPU));
    await live.close();

    expect(references.get(GPU_PICTURE)).toBe(0);
  });
});
