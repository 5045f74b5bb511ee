import type { AccessConfig } from '../../shared/config/access-schema.js';
import type { GatewayConfig, SourceConfig, StreamConfig } from '../../shared/config/schema.js';
import { explainSourceFile } from '../../shared/config/source-file.adapter.js';
import { explainBareAddress } from '../../shared/config/source-url.js';
import { estimatedUnits, roundedUnits } from '../../shared/capacity/estimated-units.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { statusOf } from '../api/http-errors.js';
import { RefusedRequest } from '../api/refused-request.js';
import { explainReach, explainSource, filesOf, type NamedFile } from './admission.js';
import { isBelow } from './file-access.adapter.js';
import { freeMemoryMb } from './free-memory.adapter.js';
import { limitError } from './limit-error.js';
import { MemoryPlan } from './memory-plan.js';

/** When streams that were started have taken their memory, s. */
const MEMORY_RETRY_S = 60;

/** When what streams take has been measured anew, s. */
const MEASURED_RETRY_S = 15;
/** Streams at a time where `limits.streams` is `auto` and the machine was not measured. */
const UNMEASURED_STREAMS = 64;

/** What the machine holds, and what its streams take of it, in units. */
export interface MachineRoom {
  /** What it holds. */
  readonly units: number;
  /** Where that comes from, in words. */
  readonly origin: string;
  /** What its streams take now. */
  readonly used: () => number;
}

/** Holds what is asked for over the API to what the operator allows. */
export class StreamAdmission {
  readonly #access: AccessConfig;
  readonly #limits: GatewayConfig['limits'];
  readonly #memory: MemoryPlan;
  readonly #isShared: boolean;
  readonly #room: MachineRoom | undefined;

  /** Goes by what the operator says. @param room - absent where nobody measured what the machine holds */
  constructor({ access, limits, cluster }: Pick<GatewayConfig, 'access' | 'limits' | 'cluster'>, room?: MachineRoom) {
    this.#access = access;
    this.#limits = limits;
    // The hosts of a cluster have found out already which of them has room.
    this.#isShared = cluster !== undefined;
    this.#room = room;
    this.#memory = new MemoryPlan(limits);
  }

  /**
   * Whether a stream may be as somebody wants it. What it has in common with `current` was decided before.
   *
   * @param current - as it is; absent: it is new
   * @throws {@link DiptychError} `DIPTYCH_E_ADDRESS_NOT_ALLOWED`, `DIPTYCH_E_FILE_NOT_ALLOWED`,
   *   `DIPTYCH_E_LIMIT_TARGETS`; `DIPTYCH_E_BAD_INPUT` where a file that may be named cannot be read
   */
  admit(wanted: StreamConfig, current: StreamConfig | undefined): void {
    const { targets } = wanted;
    if (targets.length > this.#limits.targets && targets.length > (current?.targets.length ?? 0)) {
      const message = `the stream would have ${targets.length} targets, and limits.targets allows ${this.#limits.targets}; delete one first, or raise it`;
      throw new DiptychError('DIPTYCH_E_LIMIT_TARGETS', message);
    }
    const problem = explainReach(wanted, this.#access);
    if (problem !== undefined) throw new DiptychError('DIPTYCH_E_ADDRESS_NOT_ALLOWED', problem);
    this.requireFiles(wanted, current);
    if (wanted.source.url !== current?.source.url) rejectMissingFile(wanted.source);
  }

  /**
   * The same for a source that is tried.
   *
   * @param current - that of the stream it is tried for; absent: none
   */
  admitSource(wanted: StreamConfig, current: SourceConfig | undefined): void {
    const problem = explainSource(wanted.source, this.#access);
    if (problem !== undefined) throw new DiptychError('DIPTYCH_E_ADDRESS_NOT_ALLOWED', `source.${problem}`);
    this.requireFiles(wanted, current && { ...wanted, source: current });
  }

  /**
   * Whether there is room for one more stream, which is started then.
   *
   * @param wanted - that stream
   * @param count - of streams that there are
   * @throws {@link DiptychError} `DIPTYCH_E_LIMIT_STREAMS`, `DIPTYCH_E_LIMIT_MEMORY`
   */
  admitOneMore(wanted: StreamConfig, count: number): void {
    this.#requireStreams(wanted, count);
    const nowMs = performance.now();
    const missingMb = this.#memory.missingMb(freeMemoryMb(), nowMs);
    if (missingMb > 0) {
      const message = `${missingMb} MB of memory are missing for one more stream; try again in a minute, when the last ones have taken theirs, delete one, or lower limits.freeMemoryMb`;
      throw new RefusedRequest(message, {
        ...{ status: 503, code: 'DIPTYCH_E_LIMIT_MEMORY' },
        headers: { 'retry-after': String(MEMORY_RETRY_S) },
      });
    }
    this.#memory.started(nowMs);
  }

  #requireStreams(wanted: StreamConfig, count: number): void {
    const { streams } = this.#limits;
    const isAuto = streams === 'auto';
    if (isAuto && this.#isShared) return;
    if (isAuto && this.#room) requireRoom(wanted, count, this.#room);
    else if (count >= (isAuto ? UNMEASURED_STREAMS : streams)) {
      throw limitError('DIPTYCH_E_LIMIT_STREAMS', `there are ${count} streams`, 'streams', 'delete one first');
    }
  }

  /** Files alone. @throws {@link DiptychError} `DIPTYCH_E_FILE_NOT_ALLOWED` */
  requireFiles(wanted: StreamConfig, current: StreamConfig | undefined): void {
    const known = current ? filesOf(current) : [];
    const isKnown = ({ option, path }: NamedFile): boolean =>
      known.some((one) => one.option === option && one.path === path);
    const { files: folders } = this.#access;
    const refused = filesOf(wanted).find((file) => !isKnown(file) && !file.isCamera && !isBelow(file.path, folders));
    if (!refused) return;
    const bare = explainBareAddress(wanted.source.url);
    if (bare !== undefined) throw new DiptychError('DIPTYCH_E_BAD_INPUT', `source.url: ${bare}`);
    const below = folders.length === 0 ? 'no files at all' : `only files below ${folders.join(', ')}`;
    throw new DiptychError(
      'DIPTYCH_E_FILE_NOT_ALLOWED',
      `${refused.option}: the API may name ${below}; name the file in the configuration or on the command line, or its folder in access.files`,
    );
  }
}

/** A machine without streams takes any. */
function requireRoom(wanted: StreamConfig, count: number, { units, origin, used }: MachineRoom): void {
  const needed = estimatedUnits(wanted);
  const taken = roundedUnits(used());
  if (count === 0 || taken + needed <= units) return;
  const what = `the ${count === 1 ? 'stream that there is takes' : `${count} streams that there are take`} ${taken} of ${units} units (${origin}), and this one is estimated to take ${needed}`;
  throw new RefusedRequest(`${what}; delete one, make one smaller, or give limits.streams a number`, {
    ...{ status: statusOf('DIPTYCH_E_LIMIT_STREAMS'), code: 'DIPTYCH_E_LIMIT_STREAMS' },
    headers: { 'retry-after': String(MEASURED_RETRY_S) },
  });
}

/** Throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` where the source is a file that cannot be played. */
function rejectMissingFile({ url }: SourceConfig): void {
  const problem = explainSourceFile(url);
  if (problem !== undefined) throw new DiptychError('DIPTYCH_E_BAD_INPUT', `source.url: ${problem}`);
}
