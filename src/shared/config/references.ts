import { printable, type ValueIssue } from './explain-issue.js';
import { schemaAt, type SchemaNode, type SchemaPath } from './json-schema.js';
import { SECRET_FILES } from './secret-name.js';
import { isBlock } from '../is-block.js';

/** Where the values come from that a configuration refers to. */
export interface ReferenceSources {
  /** Environment variables, for `${NAME}`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of a file, for `passwordFile` and its like. Throws an error whose message says why it cannot be read. */
  readonly readText: (path: string) => string;
}

/** A configuration with what it refers to in the places of the references. */
export interface ResolvedValue {
  /** A copy; references that could not be followed stay in it. */
  readonly value: unknown;
  /** One for each reference that could not be followed. */
  readonly issues: readonly ValueIssue[];
}

/** `$${` is a plain `${`. */
const REFERENCE = /\$\$\{|\$\{(?:([A-Za-z_]\w*)(?::-([^{}]*))?\})?/g;
/** Nothing but one reference: what it stands for may be a number. */
const WHOLE_REFERENCE = /^\$\{[A-Za-z_]\w*(?::-[^{}]*)?\}$/;

/** Whether a text refers to an environment variable, or has an escaped `${`. */
export const holdsReference = (text: string): boolean => text.includes('${');

/**
 * Puts environment variables in the places of `${NAME}` and `${NAME:-default}`, and the contents of files in the
 * places of `passwordFile`, `keyFile`, `secretFile` and `credentialFile`. What messages say holds no values.
 *
 * @param schema - of the value; says where a number or true and false are expected
 */
export function resolveReferences(written: unknown, sources: ReferenceSources, schema: SchemaNode): ResolvedValue {
  const issues: ValueIssue[] = [];
  const refuse = (path: SchemaPath, message: string): void => void issues.push({ path, isKey: false, message });
  const resolve = (value: unknown, path: SchemaPath): unknown => {
    if (typeof value === 'string') return resolveText(value, path);
    if (Array.isArray(value)) return value.map((each, index) => resolve(each, [...path, index]));
    if (!isBlock(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => {
      const target = secretOf(key, schemaAt(schema, path));
      const resolved = resolve(inner, [...path, key]);
      if (target === undefined || typeof resolved !== 'string') return [key, resolved] as const;
      if (value[target] !== undefined) refuse([...path, key], `expected this or ${target}, got both; leave one out`);
      return [target, readSecret(resolved, [...path, key])] as const;
    });
    return Object.fromEntries(entries);
  };
  const resolveText = (text: string, path: SchemaPath): unknown => {
    if (!holdsReference(text)) return text;
    const resolved = text.replace(REFERENCE, (found, name: string | undefined, fallback: string | undefined) => {
      if (found === '$${') return '${';
      if (name === undefined) {
        refuse(path, 'expected the name of an environment variable, as in ${NAME}; write $${ where ${ itself is meant');
        return found;
      }
      const value = sources.environment[name] ?? fallback;
      if (value !== undefined) return value;
      refuse(
        path,
        `the environment variable ${printable(name)} is not set; set it, or give a default with \${${printable(name)}:-default}`,
      );
      return found;
    });
    return WHOLE_REFERENCE.test(text) ? toExpected(resolved, schemaAt(schema, path)) : resolved;
  };
  const readSecret = (file: string, path: SchemaPath): string => {
    try {
      const text = sources.readText(file).replace(/\r?\n$/, '');
      if (text === '') refuse(path, `the file ${printable(file)} is empty; write the secret into it`);
      return text;
    } catch (error) {
      refuse(path, `the file ${printable(file)} cannot be read (${reasonOf(error)}); check its path and its rights`);
      return '';
    }
  };
  return { value: resolve(written, []), issues };
}

/**
 * A configuration with the references that it was written with, and otherwise as it was checked: with its defaults
 * and names.
 *
 * @param checked - what the schema made of the resolved value
 * @param written - the value before references were followed
 */
export function withReferences(checked: unknown, written: unknown): unknown {
  if (typeof written === 'string' && holdsReference(written)) return written;
  if (Array.isArray(checked) && Array.isArray(written)) {
    return checked.map((each, index) => withReferences(each, (written as unknown[])[index]));
  }
  if (!isBlock(checked) || !isBlock(written)) return checked;
  const result: Record<string, unknown> = { ...checked };
  for (const [key, value] of Object.entries(written)) {
    const target = Object.hasOwn(SECRET_FILES, key) ? SECRET_FILES[key] : undefined;
    if (target !== undefined) {
      Reflect.deleteProperty(result, target);
      result[key] = value;
    } else if (Object.hasOwn(checked, key)) {
      result[key] = withReferences(checked[key], value);
    }
  }
  return result;
}

/** The option that the text of a file is for; absent where a file of that name is given as it is, as `http.tls.keyFile`. */
function secretOf(key: string, node: SchemaNode | undefined): string | undefined {
  const target = Object.hasOwn(SECRET_FILES, key) ? SECRET_FILES[key] : undefined;
  const { properties = {} } = node ?? {};
  const isPlainFile = target !== undefined && Object.hasOwn(properties, key) && !Object.hasOwn(properties, target);
  return isPlainFile ? undefined : target;
}

function toExpected(text: string, node: SchemaNode | undefined): unknown {
  if ((node?.type === 'integer' || node?.type === 'number') && text.trim() !== '' && Number.isFinite(Number(text))) {
    return Number(text);
  }
  if (node?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** Node's code where it has one: its words repeat the path. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return printable(String(error));
  return 'code' in error && typeof error.code === 'string' ? error.code : printable(error.message);
};
