import { DiptychError } from '../../shared/domain/errors.js';

/** What a placeholder takes; a `raw` value becomes part of the graph and must match its pattern. */
export type ParameterType = 'string' | 'number' | 'boolean' | 'raw';

/** One placeholder of a template, as its header comment declares it. */
export interface TemplateParameter {
  /** The placeholder without its braces. */
  readonly name: string;
  /** What its value must be. */
  readonly type: ParameterType;
  /** `raw` only: what the whole value must match. */
  readonly pattern?: RegExp;
  /** What it means, from the header comment. */
  readonly description: string;
}

/** A launch string with `{placeholders}`, and what may stand in for each of them. */
export interface Template {
  /** Where it came from, for messages. */
  readonly name: string;
  /** In the order of their declarations. */
  readonly parameters: readonly TemplateParameter[];
  /** The launch string with its placeholders, comments removed. */
  readonly body: string;
}

/** A value for a placeholder. */
export type TemplateValue = string | number | boolean;
/** Values by the names of their placeholders; every parameter needs one. */
export type TemplateValues = Readonly<Record<string, TemplateValue>>;

/** `# {name} type: description`, where type is string, number, boolean or raw /pattern/. */
const DECLARATION = /^#\s*\{([a-z]\w*)\}\s+(?:(string|number|boolean)|raw\s+\/(.*?)\/):\s+(\S.*)$/;
const LOOKS_LIKE_DECLARATION = /^#\s*\{/;
const PLACEHOLDER = /\{([a-z]\w*)\}/g;
/** A string must be the whole value of a property, where no caps or element syntax applies. */
const WHOLE_VALUE = { before: /[\w-]=$/, after: /^(?:\s|$)/ };

const fail = (template: string, problem: string): DiptychError =>
  new DiptychError('DIPTYCH_E_GRAPH', `pipeline template ${template}: ${problem}`);

/**
 * Reads a `.launch` template: lines that start with `#` are comments, and those of the form
 * `# {name} type: description` declare its parameters; the rest is the launch string.
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH` where declarations and placeholders do not match.
 */
export function parseTemplate(name: string, text: string): Template {
  if (text.includes('\0')) throw fail(name, 'it holds a zero byte; GStreamer would not read what follows');
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const parameters = lines
    .filter((line) => LOOKS_LIKE_DECLARATION.test(line))
    .map((line) => parseDeclaration(name, line));
  const body = lines.filter((line) => line !== '' && !line.startsWith('#')).join('\n');

  const declared = new Set(parameters.map((parameter) => parameter.name));
  if (declared.size !== parameters.length) throw fail(name, 'a parameter is declared twice');
  const used = new Set([...body.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''));
  for (const placeholder of used) {
    if (!declared.has(placeholder)) throw fail(name, `{${placeholder}} is used and not declared in the header`);
  }
  for (const { name: parameter, type } of parameters) {
    if (!used.has(parameter)) throw fail(name, `{${parameter}} is declared and not used`);
    if (type === 'string') requireWholeValue(name, body, parameter);
  }
  return { name, parameters, body };
}

/**
 * The launch string for these values. A string value, whatever is in it, stays the value of its
 * property: it is written in GStreamer's own escaped form (`gst_string_wrap`), escaped once more
 * for the launch syntax (`gst_parse_unescape`).
 * @throws {@link DiptychError} `DIPTYCH_E_GRAPH` where a value is missing, unknown or of the wrong kind.
 */
export function fillTemplate(template: Template, values: TemplateValues): string {
  const known = new Map(template.parameters.map((parameter) => [parameter.name, parameter]));
  for (const name of Object.keys(values)) {
    if (!known.has(name)) throw fail(template.name, `there is no parameter {${name}}`);
  }
  const texts = new Map<string, string>();
  for (const parameter of template.parameters) {
    const value = Object.hasOwn(values, parameter.name) ? values[parameter.name] : undefined;
    if (value === undefined) throw fail(template.name, `no value for {${parameter.name}}`);
    texts.set(parameter.name, render(template.name, parameter, value));
  }
  return template.body.replace(PLACEHOLDER, (_, name: string) => texts.get(name) ?? '');
}

/** A string as it may stand after `property=` in a launch string. */
export function quoteString(value: string): string {
  // Everything but plain letters and digits as octal bytes, so no character means anything to
  // the launch parser; each backslash and quote doubled for its unescaping.
  const octal = [...Buffer.from(value, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9]/.test(char) ? char : `\\\\${byte.toString(8).padStart(3, '0')}`;
    })
    .join('');
  return `\\"${octal}\\"`;
}

function parseDeclaration(template: string, line: string): TemplateParameter {
  const match = DECLARATION.exec(line);
  const [, name, type, pattern, description] = match ?? [];
  if (name === undefined || description === undefined) {
    throw fail(template, `cannot read "${line}"; expected "# {name} string|number|boolean|raw /pattern/: description"`);
  }
  if (pattern === undefined) return { name, type: type as ParameterType, description };
  try {
    return { name, type: 'raw', pattern: new RegExp(`^(?:${pattern})$`), description };
  } catch {
    throw fail(template, `{${name}}: /${pattern}/ is no regular expression`);
  }
}

function requireWholeValue(template: string, body: string, parameter: string): void {
  const placeholder = `{${parameter}}`;
  for (let at = body.indexOf(placeholder); at !== -1; at = body.indexOf(placeholder, at + 1)) {
    const isWhole =
      WHOLE_VALUE.before.test(body.slice(0, at)) && WHOLE_VALUE.after.test(body.slice(at + placeholder.length));
    if (!isWhole) throw fail(template, `${placeholder} is a string and must be all that follows "property="`);
  }
}

function render(template: string, parameter: TemplateParameter, value: TemplateValue): string {
  const { name, type, pattern } = parameter;
  // Values may be secrets, so messages name only their kind.
  const wrong = (expected: string): DiptychError =>
    fail(template, `{${name}}: expected ${expected}, got a ${typeof value}`);
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw wrong('a string');
      if (value.includes('\0')) throw fail(template, `{${name}}: a string with a zero byte cannot be passed on`);
      return quoteString(value);
    case 'number': {
      const text = typeof value === 'number' ? String(value) : '';
      if (!/^-?\d+(\.\d+)?$/.test(text)) throw wrong('a number that needs no exponent');
      return text;
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong('a boolean');
      return String(value);
    case 'raw':
      if (typeof value !== 'string' || pattern?.test(value) !== true)
        throw wrong(`text that matches ${String(pattern)}`);
      return value;
  }
}
