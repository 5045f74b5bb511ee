import {
  type Alias,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type YAMLParseError,
} from 'yaml';

/** A mistake in the form of a text, before its values are looked at. */
export interface YamlIssue {
  /** In the text, characters. */
  readonly offset: number;
  /** What was expected and what to do; without what the text says, which may be a password. */
  readonly message: string;
}

/** A text that could be read, or what is wrong with its form. */
export type YamlText =
  | { readonly ok: true; readonly document: Document; readonly value: unknown; readonly lineCounter: LineCounter }
  | { readonly ok: false; readonly issues: readonly YamlIssue[]; readonly lineCounter: LineCounter };

/** Larger than the configuration of hundreds of streams, characters. */
const MAX_LENGTH = 256 * 1024;
/** Blocks and lists within each other. The configuration has 6; the reader of YAML calls itself for each. */
const MAX_DEPTH = 32;
/** Keys of one block. The reader compares each with all others. */
const MAX_KEYS = 1000;
/** `*name` in one text: each may stand for others. */
const MAX_ALIASES = 100;

/**
 * Reads YAML (JSON is YAML too). Never throws, whatever the text is, and takes time in proportion to its length.
 *
 * @param maxLength - longer ones are refused, characters
 */
export function readYaml(text: string, maxLength = MAX_LENGTH): YamlText {
  const lineCounter = new LineCounter();
  const refused = findTooMuch(text, maxLength);
  if (refused !== undefined) {
    addLines(lineCounter, text);
    return { ok: false, issues: [refused], lineCounter };
  }
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const issues = [
    ...document.errors.map(explainYamlError),
    ...document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED').map(explainTag),
    ...wrongAliases(document),
    ...wrongKeys(document),
  ];
  if (issues.length > 0) return { ok: false, issues, lineCounter };
  try {
    return { ok: true, document, value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown, lineCounter };
  } catch (error) {
    // What yaml throws where aliases of aliases stand for too many values.
    if (!(error instanceof ReferenceError)) throw error;
    const message = 'Values that begin with * stand for others that do so too, and for too many. Write them out.';
    return { ok: false, issues: [{ offset: firstAlias(document)?.range?.[0] ?? 0, message }], lineCounter };
  }
}

/** Only the kind of mistake: after a colon YAML's message repeats the text, which may be a password. */
function explainYamlError({ message, pos }: YAMLParseError): YamlIssue {
  const kind = (message.split('\n')[0] ?? '').replace(/:? at line \d+, column \d+:?$/, '').split(': ')[0] ?? '';
  return { offset: pos[0], message: `${kind.replace(/\.$/, '')}. Correct the YAML here.` };
}

const explainTag = ({ pos }: { readonly pos: readonly [number, number] }): YamlIssue => ({
  offset: pos[0],
  message: 'A value that begins with ! names a type, and there is none of that name. Write text in quotes.',
});

const anchorOf = (node: unknown): string | undefined =>
  isScalar(node) || isCollection(node) ? node.anchor : undefined;

/** `*name` stands for what `&name` before it marks; a password that begins with `*` is taken for one. */
function wrongAliases(document: Document): YamlIssue[] {
  const issues: YamlIssue[] = [];
  const known = new Set<string>();
  visit(document, (_key, node, ancestors) => {
    const anchor = anchorOf(node);
    if (anchor !== undefined) known.add(anchor);
    if (!isAlias(node)) return;
    const { source, range } = node;
    const offset = range?.[0] ?? 0;
    if (!known.has(source)) {
      const message =
        'A value that begins with * refers to an anchor before it, and there is none of that name. Write text in quotes.';
      issues.push({ offset, message });
    } else if (ancestors.some((around) => anchorOf(around) === source)) {
      issues.push({
        offset,
        message: 'A value that begins with * refers to what it is a part of. Write the value out.',
      });
    }
  });
  return issues;
}

/** yaml writes a warning with the text, which may be a password, where a key is a list or a block. */
function wrongKeys(document: Document): YamlIssue[] {
  const issues: YamlIssue[] = [];
  visit(document, {
    Pair: (_key, { key }) => {
      if (!isNode(key) || (isScalar(key) && !(key.value instanceof Object))) return;
      issues.push({ offset: key.range?.[0] ?? 0, message: 'A key is a list, a block or an alias. Write a word.' });
    },
  });
  return issues;
}

function firstAlias(document: Document): Alias | undefined {
  let first: Alias | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      first = alias;
      return visit.BREAK;
    },
  });
  return first;
}

/**
 * What would take the reader of YAML too long, or end the process: it calls itself for each block
 * within a block, and V8 ends a process that has no stack left for a regular expression. yaml's
 * parser of tokens, which is used here, does not call itself.
 */
function findTooMuch(text: string, maxLength: number): YamlIssue | undefined {
  if (text.length > maxLength) {
    return { offset: 0, message: `The text has ${text.length} characters; at most ${maxLength} are read.` };
  }
  let aliases = 0;
  const waiting = [...new Parser().parse(text)].reverse().map((token) => ({ token, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    if (token.type === 'alias' && ++aliases > MAX_ALIASES) {
      return {
        offset: token.offset,
        message: `There are more than ${MAX_ALIASES} values that begin with *. Write them out.`,
      };
    }
    if (depth > MAX_DEPTH) {
      return { offset: token.offset, message: `Blocks within blocks go deeper than ${MAX_DEPTH}; none here does.` };
    }
    const inner = innerTokens(token);
    if (token.type !== 'block-seq' && 'items' in token && token.items.length > MAX_KEYS && hasKeys(token)) {
      return { offset: token.offset, message: `A block has more than ${MAX_KEYS} keys; none here has as many.` };
    }
    for (const each of inner.reverse()) waiting.push({ token: each, depth: depth + 1 });
  }
  return undefined;
}

function innerTokens(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : [];
  if (!('items' in token)) return [];
  return token.items.flatMap(({ key, value }) => [...(key ? [key] : []), ...(value ? [value] : [])]);
}

const hasKeys = (token: CST.Token): boolean =>
  token.type === 'block-map' || (token.type === 'flow-collection' && token.start.type === 'flow-map-start');

function addLines(lineCounter: LineCounter, text: string): void {
  lineCounter.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineCounter.addNewLine(at + 1);
}
