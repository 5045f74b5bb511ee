import { DiptychError } from '../domain/errors.js';

/** One mistake in a configuration, and where it is. */
export interface ConfigIssue {
  /** File name, or what else the value came from (`environment`, `command line`, `request`). */
  readonly source: string;
  /** 1-based; absent where the value does not come from a file. */
  readonly line?: number;
  /** 1-based; present where `line` is. */
  readonly column?: number;
  /** As a person would write it: `streams[0].output.fps`; empty for the whole document. */
  readonly path: string;
  /** What was expected, what was found, and what to do. */
  readonly message: string;
}

/** `file:line:column path: message`, the form editors and terminals make clickable. */
export function formatConfigIssue({ source, line, column, path, message }: ConfigIssue): string {
  const place = line === undefined ? source : `${source}:${line}:${column ?? 1}`;
  return `${place} ${path === '' ? '' : `${path}: `}${message}`;
}

/** `DIPTYCH_E_CONFIG` with the mistakes found; the message carries the first. */
export class ConfigError extends DiptychError {
  /** In the order of the text, not more than a person reads at once; the first is the one in the message. */
  readonly issues: readonly ConfigIssue[];
  /** Mistakes that are not in `issues`, because there are so many. */
  readonly more: number;

  constructor(issues: readonly [ConfigIssue, ...ConfigIssue[]], { more = 0, ...options }: ConfigErrorOptions = {}) {
    const others = issues.length - 1 + more;
    const rest = others === 0 ? '' : ` (and ${formatCount(others)} more: \`diptych config check\` lists them)`;
    super('DIPTYCH_E_CONFIG', formatConfigIssue(issues[0]) + rest, options);
    this.name = 'ConfigError';
    this.issues = issues;
    this.more = more;
  }
}

/** What a {@link ConfigError} is made with besides its mistakes. */
export interface ConfigErrorOptions extends ErrorOptions {
  /** Mistakes that are left out of the list. @defaultValue 0 */
  readonly more?: number;
}

/** `1234567` → `1,234,567`. */
export const formatCount = (count: number): string => count.toLocaleString('en-US');
