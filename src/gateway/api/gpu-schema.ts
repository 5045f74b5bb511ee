import * as z from 'zod';

const busBytes = z.object({ frame: z.number(), result: z.number(), setup: z.number() });

/** `GpuStatus` of the domain. */
export const gpuStatusSchema = z.object({
  state: z
    .enum(['used', 'off', 'lost'])
    .describe('used: works on the GPU; off: on the CPU; lost: on the CPU, because the GPU failed'),
  name: z.string().optional(),
  index: z.int().optional().describe('which GPU of the host, as nvidia-smi counts; absent where there was no choice'),
  reason: z.string().describe('one sentence: which GPU, or why none is used'),
  stages: z
    .array(
      z.object({
        stage: z.enum(['decode', 'detect', 'reid', 'compose', 'encode']),
        memory: z.enum(['system', 'cuda']),
        reason: z.string(),
      }),
    )
    .describe('where the frames of each stage lie'),
  traffic: z
    .object({ toDevice: busBytes, toHost: busBytes })
    .optional()
    .describe('bytes between the memory of the machine and of the GPU, by all streams of the process since it began'),
  bytesPerFrame: z
    .object({ toDevice: z.number(), toHost: z.number() })
    .optional()
    .describe('recently, for each composed frame of the process'),
});
