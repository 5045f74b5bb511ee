/** Clock ticks a second of /proc/PID/stat: fixed for user space on Linux. */
export const TICKS_PER_S = 100;

/** After the second field of /proc/PID/stat, which is the name in parentheses and may hold spaces. */
export const statFields = (stat: string): readonly string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

/** Clock ticks, user and system, in the text of /proc/PID/stat or of one of its threads. */
export function ticksOf(stat: string): number {
  const fields = statFields(stat);
  return Number(fields[11]) + Number(fields[12]);
}
