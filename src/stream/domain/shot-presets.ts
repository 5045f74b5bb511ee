import type { ShotPreset } from '../../shared/domain/shot.js';

/** What a preset changes. Times are factors of the options of that name, so that both can be chosen. */
export interface PresetNumbers {
  /** Of `shots.minS`, `framing.smoothingS` and `framing.transitionS`; higher is calmer. */
  readonly times: Readonly<Record<'minS' | 'smoothingS' | 'transitionS', number>>;
  /** Heads that a person moves before the tile follows, > 0. Higher rests more. */
  readonly positionDeadZone: number;
  /** Change of the head's size, as a natural logarithm, before the tile zooms, > 0. Higher rests more. */
  readonly zoomDeadZone: number;
  /** Room in front of somebody who walks, fraction of the tile's width, ≥ 0. Higher leads more. */
  readonly walkRoom: number;
  /** The same in front of somebody who looks to a side. */
  readonly gazeRoom: number;
}

/** The numbers of each preset. */
export const SHOT_PRESET_NUMBERS: Readonly<Record<ShotPreset, PresetNumbers>> = {
  calm: {
    times: { minS: 2, smoothingS: 1.5, transitionS: 1.5 },
    ...{ positionDeadZone: 0.21, zoomDeadZone: 0.21, walkRoom: 0.07, gazeRoom: 0.05 },
  },
  normal: {
    times: { minS: 1, smoothingS: 1, transitionS: 1 },
    ...{ positionDeadZone: 0.15, zoomDeadZone: 0.15, walkRoom: 0.1, gazeRoom: 0.07 },
  },
  lively: {
    times: { minS: 0.5, smoothingS: 0.7, transitionS: 0.7 },
    ...{ positionDeadZone: 0.1, zoomDeadZone: 0.1, walkRoom: 0.13, gazeRoom: 0.09 },
  },
};
