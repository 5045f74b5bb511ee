import fc from 'fast-check';

/** Text that has caused trouble somewhere. */
const NASTY_TEXTS = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r\n',
  '\u2028',
  '\u0085',
  '\ud800',
  '\udfff\ud800',
  '\u202e',
  '\ufeff',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '%00',
  '%zz',
  '${7*7}',
  '{{x}}',
  '\'"`',
  '!!js/function',
  '*x',
  '&x',
  'true',
  'NaN',
  '1e999',
  'a'.repeat(300),
  '😀'.repeat(50),
  'rtsp://u:p@h/x',
  'rtmp://h/app/key',
  'test:',
  'file:///dev/zero',
];

/** Numbers at the ends of what types hold. */
const NASTY_NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e300,
  -1e300,
  1e-300,
  255,
  256,
  65_535,
  65_536,
  3600,
  4097,
];

/** Text: nasty, any, or with any UTF-16 in it. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
);

/** A number that JSON can hold. */
export const anyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...NASTY_NUMBERS),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any value of JSON, not deep. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyText,
    anyNumber,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 5 }),
  ),
})).value;

/** One change of a sequence, by fractions of its length. */
export interface Edit {
  readonly kind: 'replace' | 'delete' | 'insert' | 'repeat' | 'cut';
  /** Where, 0 … 1. */
  readonly at: number;
  /** How much, 0 … 1 of what is left. */
  readonly length: number;
  /** How often, or which of the pieces to insert. */
  readonly n: number;
}

/** Changes that are made to something right. */
export const anyEdits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record<Edit>({
    kind: fc.constantFrom('replace', 'delete', 'insert', 'repeat', 'cut'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.double({ min: 0, max: 1, noNaN: true }),
    n: fc.nat({ max: 255 }),
  }),
  { minLength: 1, maxLength: 6 },
);

/** The text with the edits made; `pieces` are what may be put in. */
export function editText(text: string, edits: readonly Edit[], pieces: readonly string[]): string {
  return edits.reduce((current, { kind, at, length, n }) => {
    const from = Math.floor(at * current.length);
    const to = Math.min(current.length, from + Math.ceil(length * length * Math.min(200, current.length - from)));
    const [before, middle, after] = [current.slice(0, from), current.slice(from, to), current.slice(to)];
    const piece = pieces[n % pieces.length] ?? '';
    if (kind === 'cut') return before;
    if (kind === 'delete') return before + after;
    if (kind === 'insert') return before + piece + middle + after;
    if (kind === 'replace') return before + piece + after;
    return before + middle.repeat(1 + (n % 8)) + after;
  }, text);
}
/** The bytes with the edits made; a replaced byte becomes `n`. */
export function editBytes(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce<Uint8Array>((current, { kind, at, length, n }) => {
    const from = Math.floor(at * current.length);
    const to = Math.min(current.length, from + Math.ceil(length * length * Math.min(64, current.length - from)));
    const part = (begin: number, end?: number): Uint8Array => current.subarray(begin, end);
    if (kind === 'cut') return part(0, from);
    if (kind === 'delete') return Buffer.concat([part(0, from), part(to)]);
    if (kind === 'insert') return Buffer.concat([part(0, from), Buffer.alloc(1 + (n % 16), n), part(from)]);
    if (kind === 'repeat') return Buffer.concat([part(0, to), part(from)]);
    const changed = Buffer.from(current);
    if (from < changed.length) changed[from] = n;
    return changed;
  }, bytes);
}
