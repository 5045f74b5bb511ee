import * as z from 'zod';
import { estimatedUnits } from './estimated-units.js';
import { FULL, MACHINE_PARTS } from './machine-shares.js';

const share = z.number().min(0).max(64);
/** Far beyond any machine, so that a file that somebody wrote does not make a machine endless, or take nothing. */
const amount = z.number().min(0.01).max(10_000);

/** Parts of a machine that decide what it can do. */
export const hardwareSchema = z.object({
  cpu: z.string().describe('model of the processor'),
  cores: z.number().positive().describe('that may be used'),
  memoryMb: z.number().positive().describe('of the machine, or of its container where that is less'),
  gpus: z.array(z.string()).describe('models'),
});
/** {@link hardwareSchema}. */
export type Hardware = z.output<typeof hardwareSchema>;

/** What `diptych bench capacity` keeps: `capacity.json` in the folder of the state. */
export const keptCapacitySchema = z.object({
  format: z.literal(1),
  measuredAt: z.iso.datetime().describe('when'),
  version: z.string().describe('of Diptych'),
  hardware: hardwareSchema,
  stream: z
    .object({ width: z.number().positive(), height: z.number().positive(), fps: z.number().positive() })
    .describe('each stream that was run'),
  streams: amount.describe('so many were held'),
  units: amount.describe('the same in units: streams of 1920×1080 at 30 pictures a second'),
  limit: z.string().describe('what one stream more lacks'),
  use: z
    .object({ cpu: share, memory: share, gpu: share.optional(), decoder: share.optional() })
    .describe('shares of the machine that the gateway and its streams took then, 0 to 1'),
});
/** {@link keptCapacitySchema}. */
export type KeptCapacity = z.output<typeof keptCapacitySchema>;

/** At which share each part of a machine counts as full, 0 … 1. */
export type FullShares = Readonly<Record<(typeof MACHINE_PARTS)[number], number>>;

/** What a machine can do, as far as it is known. */
export interface MachineCapacity {
  /** Reference streams that it holds. */
  readonly units: number;
  /** Whether that was measured on this machine. */
  readonly isMeasured: boolean;
  /** Where its parts are full. */
  readonly full: FullShares;
  /** Where it comes from, in words. */
  readonly origin: string;
  /** What somebody should do about it; absent where nothing. */
  readonly advice?: string;
}

/** What there is of a measurement: the kept one, or why there is none. */
export type FoundCapacity =
  | { readonly kept: KeptCapacity }
  | {
      readonly problem: string;
      /** Something was kept, and cannot be used; absent where nothing was. */
      readonly isSpoilt?: true;
    };

/** So long a measurement is good for without saying more, days: drivers, kernels and models change. */
const GOOD_FOR_DAYS = 365;
const DAY_MS = 86_400_000;
/** Memory differs by what firmware and kernel keep for themselves. */
const MEMORY_TOLERANCE = 0.1;
/** Streams that a core is taken to carry where nothing was measured; with an NVIDIA GPU, which decodes and looks for people. */
const STREAMS_PER_CORE = { cpu: 1, gpu: 2 };
const MB_PER_STREAM = 450;
const MEASURE = 'run: diptych bench capacity --config FILE';

/** What is known of this machine. @param nowMs - Unix time, ms */
export function capacityOf(
  found: FoundCapacity,
  machine: { readonly hardware: Hardware; readonly version: string; readonly nowMs: number },
): MachineCapacity {
  const problem = 'problem' in found ? found.problem : otherHardware(found.kept.hardware, machine.hardware);
  if ('problem' in found || problem !== undefined) return assumed(machine.hardware, problem ?? '');
  const { kept } = found;
  const days = Math.floor((machine.nowMs - Date.parse(kept.measuredAt)) / DAY_MS);
  const old = [
    ...(kept.version === machine.version ? [] : [`with Diptych ${kept.version}`]),
    ...(days > GOOD_FOR_DAYS ? [`${days} days ago`] : []),
  ].join(', ');
  return {
    ...{ units: kept.units, isMeasured: true, full: fullAt(kept) },
    origin: `measured at ${kept.measuredAt.slice(0, 10)}: ${kept.limit}`,
    ...(old !== '' && { advice: `it was measured ${old}; to measure anew, ${MEASURE}` }),
  };
}

/** How the hardware differs from that of the measurement; absent where it does not. */
function otherHardware(then: Hardware, now: Hardware): string | undefined {
  const differences = [
    ...(then.cpu === now.cpu ? [] : [`processor ${then.cpu}, now ${now.cpu}`]),
    ...(then.cores === now.cores ? [] : [`${then.cores} cores, now ${now.cores}`]),
    ...(Math.abs(then.memoryMb / now.memoryMb - 1) <= MEMORY_TOLERANCE
      ? []
      : [`${Math.round(then.memoryMb)} MB of memory, now ${Math.round(now.memoryMb)}`]),
    ...(then.gpus.join() === now.gpus.join() ? [] : [`GPUs ${listed(then.gpus)}, now ${listed(now.gpus)}`]),
  ];
  return differences.length === 0 ? undefined : `it was measured on other hardware (${differences.join('; ')})`;
}

const listed = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

function assumed({ cores, memoryMb, gpus }: Hardware, problem: string): MachineCapacity {
  const perCore = gpus.length > 0 ? STREAMS_PER_CORE.gpu : STREAMS_PER_CORE.cpu;
  const units = Math.max(1, Math.floor(Math.min(cores * perCore, memoryMb / MB_PER_STREAM)));
  return {
    ...{ units, isMeasured: false, full: { cpu: FULL, memory: FULL, gpu: FULL, decoder: FULL } },
    origin: `assumed from ${cores} cores and ${Math.round(memoryMb)} MB of memory, because ${problem}`,
    advice: `to measure what this machine holds, ${MEASURE}`,
  };
}

/**
 * Where each part of the machine is full: the fullest part where it is with all units of the measurement, because what
 * limits may be none of the parts (one thread, say); the others where machines are full in general.
 */
function fullAt({ use, units, streams, stream }: KeptCapacity): FullShares {
  const shares = MACHINE_PARTS.map((part) => [part, use[part] ?? 0] as const);
  const [fullest, most] = shares.reduce((one, other) => (other[1] > one[1] ? other : one));
  const fullOf = (part: (typeof MACHINE_PARTS)[number]): number => Math.max(FULL, use[part] ?? 0);
  const full = { cpu: fullOf('cpu'), memory: fullOf('memory'), gpu: fullOf('gpu'), decoder: fullOf('decoder') };
  const share = (most * units) / (streams * estimatedUnits({ output: stream }));
  // A share of nothing would make every stream endless.
  return { ...full, ...(share > 0 && { [fullest]: share }) };
}
