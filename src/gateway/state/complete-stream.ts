import { formatCount } from '../../shared/config/config-error.js';
import { explainIssues, formatPath, type ValueIssue } from '../../shared/config/explain-issue.js';
import { toSchemaNode } from '../../shared/config/json-schema.js';
import { nameTargets } from '../../shared/config/parse-config.js';
import { resolveReferences, withReferences, type ReferenceSources } from '../../shared/config/references.js';
import { streamSchema, type StreamConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { isSame, type WrittenStream } from './written-stream.js';
import { isBlock } from '../../shared/is-block.js';

/** A stream as it is to run, and as it was written. */
export interface CompleteStream {
  /** What it refers to is filled in: it holds secrets. */
  readonly config: StreamConfig;
  /** With references; with its defaults, and names for its targets. */
  readonly written: WrittenStream;
}

/**
 * Checks a stream, follows its references and fills its defaults in.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_BAD_INPUT` with the mistakes and where they are, without secrets
 */
export function completeStream(written: unknown, references: ReferenceSources): CompleteStream {
  const schema = toSchemaNode(streamSchema);
  const { value, issues: unresolved } = resolveReferences(written, references, schema);
  if (unresolved.length > 0) throw refusal(unresolved, 0);
  const result = streamSchema.safeParse(value);
  if (!result.success) {
    const { issues, more } = explainIssues(result.error, written, schema);
    throw refusal(issues, more);
  }
  const config = nameTargets(result.data);
  const named = withReferences(config, written);
  return { config, written: { ...(isBlock(named) ? named : {}), id: config.id } };
}

/** The stream without what is as if nobody had written it. */
export function withoutDefaults(written: WrittenStream): WrittenStream {
  const { source: _url, ...defaults } = streamSchema.parse({ source: { url: 'test:' } });
  const { url: _none, ...source } = streamSchema.parse({ source: { url: 'test:' } }).source;
  const rest = leaveOut(written, { ...defaults, source });
  return { ...(isBlock(rest) ? rest : {}), id: written.id };
}

function leaveOut(value: unknown, defaults: unknown): unknown {
  if (!isBlock(value) || !isBlock(defaults)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (isSame(inner, defaults[key])) return [];
      return [[key, leaveOut(inner, defaults[key])]];
    }),
  );
}

function refusal(issues: readonly ValueIssue[], more: number): DiptychError {
  const text = issues.map(({ path, message }) => `${formatPath(path) || 'body'}: ${message}`).join('; ');
  return new DiptychError('DIPTYCH_E_BAD_INPUT', more === 0 ? text : `${text}; and ${formatCount(more)} more`);
}
