/** A line of the log, as programs read it. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Told in other places of the line, or of no use to people. */
const NOT_DETAILS: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'name', 'stream', 'msg', 'err']);
/** Characters of one detail. */
const MAX_DETAIL = 160;
const WIDTH_OF_NAMES = 10;
const INFO = 30;
/** By the level as pino counts it. */
const LEVELS: Readonly<Record<number, string>> = { 10: 'TRACE', 20: 'DEBUG', 40: 'WARN', 50: 'ERROR', 60: 'ERROR' };

/**
 * A line of the log for people on a terminal: the time, which stream it is about, the severity where it is not the usual
 * one, what happened, and details that fit on the line.
 */
export function terminalLine(line: LogLine): string {
  const { level, time, msg } = line;
  const severity = level === INFO ? '' : `${LEVELS[Number(level)] ?? 'INFO'} `;
  const found = details(line);
  const text = `${severity}${textOf(msg)}${found.length === 0 ? '' : ` (${found.join(', ')})`}`;
  return `${clock(time)}  ${subject(line).padEnd(WIDTH_OF_NAMES)}  ${text}`.replaceAll(/\s*\n\s*/g, ' ');
}

function subject({ stream, name }: LogLine): string {
  if (typeof stream === 'string') return stream;
  const part = textOf(name);
  return part === 'gateway' ? '' : part.replace(/^stream /, '');
}

function details(line: LogLine): string[] {
  const { err } = line;
  const failure = typeof err === 'object' && err !== null && 'message' in err ? [shortened(textOf(err.message))] : [];
  const others = Object.entries(line).flatMap(([key, value]) => {
    if (NOT_DETAILS.has(key) || (typeof value !== 'string' && typeof value !== 'number')) return [];
    return value === '' ? [] : [`${key}: ${shortened(String(value))}`];
  });
  return [...failure, ...others];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const shortened = (text: string): string => (text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text);

/** Hours, minutes and seconds where the terminal is. @param time - ISO 8601 */
function clock(time: unknown): string {
  const date = new Date(textOf(time));
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
