import { readCapacity, readHardware } from '../../shared/capacity/capacity-file.adapter.js';
import { capacityOf, type MachineCapacity } from '../../shared/capacity/kept-capacity.js';
import type { GatewayConfig } from '../../shared/config/schema.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import type { MeasuredUnits } from '../cluster/host-reports.adapter.js';
import type { Machine } from './stream-units.js';
import type { UnitMeter } from './unit-meter.adapter.js';

/** How a machine is known. */
export interface MachineUnitsOptions {
  /** Where `diptych bench capacity` keeps what it found; absent where nothing is kept. */
  readonly folder: string | undefined;
  /** Of this build. */
  readonly version: string;
  /** Told how much the machine takes, and where that comes from. */
  readonly logger: Logger;
}

/**
 * What this machine can do; absent where nothing goes by it: the gateway is alone, and it was not measured or the
 * operator gives a number of streams.
 */
export async function machineFor(
  { cluster, limits }: Pick<GatewayConfig, 'cluster' | 'limits'>,
  { folder, version, logger }: MachineUnitsOptions,
): Promise<Machine | undefined> {
  if (!cluster && limits.streams !== 'auto') return undefined;
  const found = await readCapacity(folder);
  // Nobody who never measured is told about it.
  if (!cluster && 'problem' in found && found.isSpoilt !== true) return undefined;
  const hardware = await readHardware();
  const known = capacityOf(found, { hardware, version, nowMs: Date.now() });
  if (!cluster && !known.isMeasured) {
    logger.warn(`limits.streams is auto, and counts streams, because ${known.origin}; ${known.advice ?? ''}`);
    return undefined;
  }
  const capacity = cluster && !known.isMeasured && cluster.units !== 'auto' ? as(known, cluster.units) : known;
  tell(capacity, cluster?.units ?? 'auto', logger);
  return { cores: hardware.cores, memoryMb: hardware.memoryMb, capacity };
}

/** Where the machine was not measured, the operator knows best. */
const as = ({ full, advice }: MachineCapacity, units: number): MachineCapacity => ({
  ...{ units, isMeasured: false, full, origin: 'cluster.units says so' },
  ...(advice !== undefined && { advice }),
});

function tell({ units, isMeasured, origin, advice }: MachineCapacity, written: number | 'auto', logger: Logger): void {
  const takes = written === 'auto' ? units : written;
  const why = written === 'auto' || !isMeasured ? origin : `cluster.units says so; it holds ${units}, ${origin}`;
  const text = `this machine takes ${takes} units: ${why}`;
  const isToDo = advice !== undefined && (written === 'auto' || isMeasured);
  if (isToDo) logger.warn(`${text}; ${advice}`);
  else logger.info(text);
}

/** What a host of a cluster takes. @param meter - once there is one */
export function clusterUnits(
  { cluster }: Pick<GatewayConfig, 'cluster'>,
  machine: Machine | undefined,
  meter: () => Pick<UnitMeter, 'unitsOf' | 'beside'> | undefined,
): MeasuredUnits {
  const written = cluster?.units ?? 'auto';
  return {
    total: written === 'auto' ? (machine?.capacity.units ?? 1) : written,
    unitsOf: (streamId) => meter()?.unitsOf(streamId),
    beside: () => meter()?.beside ?? 0,
  };
}
