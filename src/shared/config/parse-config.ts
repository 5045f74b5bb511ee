import { type Document, isMap, isNode, isScalar } from 'yaml';
import { ConfigError, type ConfigIssue } from './config-error.js';
import { doubleDestinations, explainDouble } from './destinations.js';
import { explainIssues, formatPath, MAX_ISSUES, type ValueIssue } from './explain-issue.js';
import { toSchemaNode } from './json-schema.js';
import { applyOverrides, type Override } from './overrides.js';
import { readYaml } from './read-yaml.js';
import { resolveReferences, type ReferenceSources } from './references.js';
import { gatewaySchema, type GatewayConfig, type StreamConfig, type TargetConfig } from './schema.js';

/** A target whose name is settled. */
export type NamedTarget = TargetConfig & { readonly id: string };

/** A configuration as it was written. */
export interface ConfigText {
  /** YAML (JSON is YAML too); empty stands for all defaults. */
  readonly text: string;
  /** For messages. */
  readonly fileName: string;
}

/** A checked configuration, and its streams as they were written. */
export interface ReadConfiguration {
  /** Every target has a name. */
  readonly config: GatewayConfig;
  /** In the order of `config.streams`: without defaults, with references to variables and files. */
  readonly writtenStreams: readonly unknown[];
}

/** What a configuration is read with. */
export interface ReadOptions {
  /** What replaces values of the text, in this order: a later one wins. @defaultValue none */
  readonly overrides?: readonly Override[];
  /** What only the machine that it is for can tell, such as a file that is missing. @defaultValue nothing */
  readonly findProblems?: (config: GatewayConfig) => ValueIssue[];
  /** Where `${NAME}` and secrets in files come from. @defaultValue no variable is set, and no file can be read */
  readonly references?: ReferenceSources;
}

const NO_REFERENCES: ReferenceSources = {
  environment: {},
  readText: () => {
    throw new Error('files are not read here');
  },
};

/**
 * YAML text, then overrides in their order (a later one wins), to a checked configuration in
 * which every target has a name.
 *
 * @param findProblems - see {@link ReadOptions.findProblems}
 * @throws {@link ConfigError} `DIPTYCH_E_CONFIG` with the place of every mistake.
 */
export const parseConfig = (
  text: ConfigText,
  overrides: readonly Override[] = [],
  findProblems?: ReadOptions['findProblems'],
): GatewayConfig => readConfiguration(text, { overrides, ...(findProblems && { findProblems }) }).config;

/**
 * As {@link parseConfig}, with references to environment variables and files.
 *
 * @throws {@link ConfigError} `DIPTYCH_E_CONFIG` with the place of every mistake.
 */
export function readConfiguration(
  { text, fileName }: ConfigText,
  { overrides = [], findProblems = () => [], references = NO_REFERENCES }: ReadOptions = {},
): ReadConfiguration {
  const read = readYaml(text);
  const locate = (offset: number): Pick<ConfigIssue, 'line' | 'column'> => {
    const { line, col } = read.lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (!read.ok) {
    throwIfAny(read.issues.map(({ offset, message }) => ({ source: fileName, ...locate(offset), path: '', message })));
    throw new ConfigError([{ source: fileName, path: '', message: 'cannot be read as YAML' }]);
  }

  const { value: written, origins } = applyOverrides(read.value ?? {}, overrides);
  const place = ({ path, isKey, message }: ValueIssue): ConfigIssue => {
    const origin = origins.find((candidate) => isPrefix(candidate.path, path))?.source;
    const where =
      origin === undefined ? { source: fileName, ...locate(offsetOf(read.document, path, isKey)) } : { source: origin };
    return { ...where, path: formatPath(path), message };
  };
  const schema = toSchemaNode(gatewaySchema);
  const { value, issues: unresolved } = resolveReferences(written, references, schema);
  throwIfAny(unresolved.map(place));
  const result = gatewaySchema.safeParse(value);
  if (!result.success) {
    // Told with what was written: what a variable holds may be a secret.
    const { issues, more } = explainIssues(result.error, written, schema);
    throwIfAny(issues.map(place), more);
    throw result.error;
  }
  throwIfAny([...findConflicts(result.data), ...findProblems(result.data)].map(place));
  const { streams } = written as { readonly streams?: readonly unknown[] | null };
  return {
    config: { ...result.data, streams: result.data.streams.map(nameTargets) },
    writtenStreams: Array.isArray(streams) ? streams : [],
  };
}

/** Gives targets without a name the first free of `target-1`, `target-2`, …. */
export function nameTargets(stream: StreamConfig): StreamConfig & { targets: NamedTarget[] } {
  const taken = new Set(stream.targets.flatMap(({ id }) => id ?? []));
  return {
    ...stream,
    targets: stream.targets.map((target) => {
      const id = target.id ?? freeTargetId(taken);
      taken.add(id);
      return { ...target, id };
    }),
  };
}

/** The first of `target-1`, `target-2`, … that is not taken. */
export function freeTargetId(taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(`target-${number}`)) number++;
  return `target-${number}`;
}

/** What no schema of single values sees: names used twice, ranges the wrong way round. */
function findConflicts({ webrtc, streams }: GatewayConfig): ValueIssue[] {
  const issues: ValueIssue[] = [];
  const reject = (path: ValueIssue['path'], message: string): number => issues.push({ path, isKey: false, message });
  if (webrtc.maxPort < webrtc.minPort) {
    reject(['webrtc', 'maxPort'], `expected at least minPort (${webrtc.minPort}), got ${webrtc.maxPort}; raise it`);
  }
  webrtc.iceServers.forEach(({ urls, secret, username, credential }, index) => {
    const path = ['webrtc', 'iceServers', index];
    if (secret !== undefined && (username !== undefined || credential !== undefined)) {
      reject(path, 'expected secret, or username and credential, got both; leave one out');
    } else if ((username === undefined) !== (credential === undefined)) {
      reject(path, 'expected username and credential together, got one of them; add the other');
    } else if (secret === undefined && username === undefined && urls.some((url) => /^turns?:/i.test(url))) {
      reject(path, 'expected secret, or username and credential, of the TURN server, got neither; add them');
    }
  });
  streams.forEach((stream, index) => {
    if (streams.findIndex(({ id }) => id === stream.id) < index) {
      reject(['streams', index, 'id'], `expected a unique name, got "${stream.id}" a second time; choose another`);
    }
    stream.targets.forEach(({ id }, place) => {
      if (id !== undefined && stream.targets.findIndex((other) => other.id === id) < place) {
        const path = ['streams', index, 'targets', place, 'id'];
        reject(path, `expected a unique name, got "${id}" a second time; choose another`);
      }
    });
  });
  for (const { stream, target, first } of doubleDestinations(streams)) {
    reject(['streams', stream, 'targets', target, 'url'], explainDouble(first));
  }
  return issues;
}

/** Offset of the key or value at `path`, or of the nearest thing around it that is in the text. */
function offsetOf(document: Document, path: ValueIssue['path'], isKey: boolean): number {
  if (isKey) {
    const parent: unknown = document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
      : undefined;
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
  }
  for (let depth = path.length; depth > 0; depth--) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return isNode(document.contents) ? (document.contents.range?.[0] ?? 0) : 0;
}

const isPrefix = (prefix: ValueIssue['path'], path: ValueIssue['path']): boolean =>
  prefix.length <= path.length && prefix.every((step, index) => step === path[index]);

/** In the order in which a person reads the text; what is not in it comes first. */
const byLine = (one: ConfigIssue, other: ConfigIssue): number =>
  (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0);

function throwIfAny(issues: readonly ConfigIssue[], more = 0): void {
  const [first, ...rest] = issues.toSorted(byLine).slice(0, MAX_ISSUES);
  if (first !== undefined) throw new ConfigError([first, ...rest], { more: more + issues.length - 1 - rest.length });
}
