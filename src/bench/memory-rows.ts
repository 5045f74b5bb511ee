import { rounded } from './measure.js';

/** Memory of one kind in a process. */
export interface MemoryRow {
  /** `gateway`, `stream`, `spare` or `worker`. */
  readonly process: string;
  /**
   * `files`: programs and libraries, which processes share. `allocator`: of native code, pictures among them, with
   * what it holds free. `scripts`: objects of V8. `code`: compiled while it runs. `stacks`: of threads.
   */
  readonly kind: 'files' | 'allocator' | 'scripts' | 'code' | 'stacks';
  /** In memory, also where other processes have it too, MB (2²⁰ bytes). */
  readonly residentMb: number;
  /** The same, each page divided by the processes that have it, MB. */
  readonly shareMb: number;
}

interface Mapping {
  readonly kind: MemoryRow['kind'];
  readonly residentKib: number;
  readonly shareKib: number;
}

/** V8 asks for its pages at random addresses below this one; the system gives others higher ones (Linux of 64 bits). */
const V8_BELOW = 2 ** 46;
/** Of a thread, with the page that guards it left out, KiB: what glibc takes by `ulimit -s`, 8 MiB, or V8 for its workers. */
const STACK_KIB = 8192;
const KIB = 1024;
const HEADER = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)$/;

/**
 * The memory of a process by kind, from `/proc/PID/smaps`; what takes most stands first.
 *
 * @param process - its name in the rows
 */
export function memoryRows(process: string, smaps: string): readonly MemoryRow[] {
  const kinds = new Map<MemoryRow['kind'], { resident: number; share: number }>();
  for (const { kind, residentKib, shareKib } of mappingsIn(smaps)) {
    const sum = kinds.get(kind) ?? { resident: 0, share: 0 };
    kinds.set(kind, { resident: sum.resident + residentKib, share: sum.share + shareKib });
  }
  const mb = (kib: number): number => rounded(kib / KIB, 1);
  return [...kinds]
    .map(([kind, { resident, share }]) => ({ process, kind, residentMb: mb(resident), shareMb: mb(share) }))
    .sort((a, b) => b.residentMb - a.residentMb);
}

function mappingsIn(smaps: string): readonly Mapping[] {
  // Each begins with its addresses; its figures follow, one a line.
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const [, start = '', end = '', rights = '', name = ''] = HEADER.exec(text.split('\n', 1)[0] ?? '') ?? [];
    if (start === '') return [];
    const kib = (field: string): number => Number(new RegExp(`^${field}: +(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    const kind = kindOf(parseInt(start, 16), parseInt(end, 16), rights, name);
    return [{ kind, residentKib: kib('Rss'), shareKib: kib('Pss') }];
  });
}

function kindOf(start: number, end: number, rights: string, name: string): MemoryRow['kind'] {
  if (name.startsWith('/')) return 'files';
  if (name.startsWith('[stack')) return 'stacks';
  if (name.startsWith('[')) return 'allocator';
  if (rights.includes('x')) return 'code';
  if (start < V8_BELOW) return 'scripts';
  return Math.abs((end - start) / KIB - STACK_KIB) <= 4 ? 'stacks' : 'allocator';
}
