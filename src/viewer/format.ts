import type { ProcessMemory } from '../shared/domain/stream-status.js';

/** Milliseconds with at most one decimal, without a unit. */
export const formatMs = (ms: number): string => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toString());

/** A delay with its unit: `4.2 ms`, `258 ms`, `2.7 s`. */
export const formatDelay = (ms: number): string => (ms < 1000 ? `${formatMs(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Time of day on this device: `08:15:30`. @param timeMs - Unix time */
export const formatTime = (timeMs: number): string => TIME.format(timeMs);

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of 1000: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? 'B'}`;
}

/** `812 MB`, or with others `812 MB for 3 streams`; a GPU `812 MB + 1.2 GB on the GPU`. */
export function formatMemory(memory: ProcessMemory | undefined): string {
  if (memory === undefined) return '–';
  const { processBytes, streamsInProcess, gpuBytes } = memory;
  const gpu = gpuBytes === undefined ? '' : ` + ${formatBytes(gpuBytes)} on the GPU`;
  const sharers = streamsInProcess > 1 ? ` for ${streamsInProcess} streams` : '';
  return `${formatBytes(processBytes)}${gpu}${sharers}`;
}

/** `42 s`, `12 min`, `3 h 05 min` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `0:42`, `9:58`, `1:00:07` */
export function formatLength(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (count: number): string => String(count % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole)}` : `${minutes}:${two(whole)}`;
}

/**
 * `29 Nov 2026, 08:15:30`
 *
 * @param iso - ISO 8601
 * @param timeZone - such as `UTC`; by default that of the device
 */
export function formatMoment(iso: string, timeZone?: string): string {
  const options = { dateStyle: 'medium', timeStyle: 'medium', ...(timeZone !== undefined && { timeZone }) } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(new Date(iso));
}
