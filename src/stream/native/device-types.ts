/** One way in which a V4L2 device sends its pictures. */
export interface DeviceMode {
  /** Four characters of V4L2, such as `MJPG` or `YUYV`. */
  readonly format: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Pictures in so many seconds: `[30, 1]`; `[0, 1]` where the driver does not say. */
  readonly rate: readonly [number, number];
}

/** What a V4L2 device is. */
export interface VideoDevice {
  /** As its driver names it. */
  readonly name: string;
  /** What it offers; empty where it cannot be asked. */
  readonly modes: readonly DeviceMode[];
  /** Why it cannot be used: the name of an error of the system, such as `ENOENT`, `not-video` or `not-capture`. */
  readonly problem?: string;
}
