import type { z } from 'zod';

/** Options of which each applies while the stream runs, as the schema then says (`live`). */
export function allLive<T extends Readonly<Record<string, z.ZodType>>>(shape: T): T {
  return Object.fromEntries(
    Object.entries(shape).map(([key, option]) => [key, option.meta({ ...option.meta(), live: true })]),
  ) as T;
}
