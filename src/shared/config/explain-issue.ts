import type { z } from 'zod';
import { closestWord } from './closest-word.js';
import { blockOf, describeExpected, schemaAt, type SchemaNode, type SchemaPath } from './json-schema.js';
import { maskUrl } from './mask-url.js';
import { isSecretName } from './secret-name.js';

/** Would make lines of their own in a log, or cannot be written. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** Characters of a value or a key in a message. */
const MAX_SHOWN = 80;

/** A mistake in a value, before anyone knows in which line of which file it stands. */
export interface ValueIssue {
  /** Where the offending key or value is. */
  readonly path: SchemaPath;
  /** Whether `path` names a key that should not be there, rather than a value that is wrong. */
  readonly isKey: boolean;
  /** What was expected, what was found and what to do; without secrets. */
  readonly message: string;
}

/** Text of a configuration as it may stand in a message: on one line, and not too long of it. */
export const printable = (text: string): string => shorten(text).replace(UNPRINTABLE, '\uFFFD');

/** `streams[0].output.fps` */
export function formatPath(path: SchemaPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    const key = printable(maskUrl(String(step)));
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** As many mistakes as are told at once: a longer list helps nobody, and a small request could make a large answer. */
export const MAX_ISSUES = 20;

/** What zod found, in sentences. */
export interface ExplainedIssues {
  /** The first {@link MAX_ISSUES}. */
  readonly issues: readonly ValueIssue[];
  /** Those that are left out. */
  readonly more: number;
}

/** What zod found, as sentences a person can act on: what was expected, what was found, what to do. */
export function explainIssues(error: z.ZodError, input: unknown, schema: SchemaNode): ExplainedIssues {
  const issues: ValueIssue[] = [];
  let found = 0;
  const add = (explain: () => ValueIssue): void => {
    found += 1;
    if (issues.length < MAX_ISSUES) issues.push(explain());
  };
  for (const issue of error.issues.flatMap(withinBlocks)) {
    const { path } = issue;
    const node = schemaAt(schema, path);
    if (issue.code !== 'unrecognized_keys') {
      add(() => ({ path, isKey: false, message: explainValue(issue, valueAt(input, path), node) }));
      continue;
    }
    const known = Object.keys(blockOf(node)?.properties ?? {});
    for (const key of issue.keys) {
      add(() => ({ path: [...path, key], isKey: true, message: explainUnknownKey(key, known) }));
    }
  }
  return { issues, more: found - issues.length };
}

/** What is wrong within a block, where a block is one of several kinds of values that may stand there. */
function withinBlocks(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const within = issue.errors.find((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return within?.map((each) => ({ ...each, path: [...issue.path, ...each.path] })).flatMap(withinBlocks) ?? [issue];
}

function explainUnknownKey(key: string, known: readonly string[]): string {
  const meant = closestWord(key, known);
  const all = known.length === 0 ? 'no key may stand here; take it out' : `the keys here are ${known.join(', ')}`;
  const advice = meant === undefined ? all : `did you mean "${meant}"?`;
  return `there is no such option; ${advice}`;
}

function explainValue(issue: z.core.$ZodIssue, value: unknown, node: SchemaNode | undefined): string {
  const meaning = node?.description === undefined ? '' : ` (${node.description})`;
  const expected = describeExpected(node, value);
  if (value === undefined) return `is missing; add it: ${expected}${meaning}`;
  const got = describeGot(value, issue.path);
  if (issue.code === 'custom' && issue.params?.['isValueHidden'] === true) {
    // One that says what to use needs no list of what can be used behind it.
    return issue.message.includes('; use ') ? issue.message : `${issue.message}${meaning}`;
  }
  if (issue.code === 'invalid_format' || issue.code === 'custom') return `${issue.message}; got ${got}${meaning}`;
  return `expected ${expected}, got ${got}${meaning}${adviseQuotes(value, expected)}${adviseDefault(node)}`;
}

function adviseDefault(node: SchemaNode | undefined): string {
  const usual = node?.default;
  const isPlain = typeof usual === 'string' || typeof usual === 'number' || typeof usual === 'boolean';
  return isPlain ? `; leave it out for ${usual}` : '';
}

/** YAML takes `12345`, `true` and `1e5` for something other than text. */
const adviseQuotes = (value: unknown, expected: string): string =>
  expected.startsWith('text') && (typeof value === 'number' || typeof value === 'boolean')
    ? '; write it in quotes'
    : '';

/** The value found, short, and with secrets masked. */
function describeGot(value: unknown, path: SchemaPath): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing';
  if (typeof value === 'object') return 'a block of keys';
  if (isSecret(path)) return 'a value that is not shown here';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return `a ${typeof value}`;
  return JSON.stringify(shorten(maskUrl(value))).replace(UNPRINTABLE, escapeCharacter);
}

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text);

/** Passwords and the like, and addresses that hold a stream key, in whatever form and type they were written. */
const isSecret = (path: SchemaPath): boolean =>
  path.some((step) => typeof step === 'string' && isSecretName(step)) ||
  (path.includes('targets') && path.at(-1) !== 'id');

function valueAt(input: unknown, path: SchemaPath): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
