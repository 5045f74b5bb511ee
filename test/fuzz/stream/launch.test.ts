import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DiptychError } from '#src/shared/domain/errors.js';
import { packagePath } from '#src/shared/package-root.js';
import { Graph } from '#src/stream/gst/graph.adapter.js';
import { fillTemplate, parseTemplate, type TemplateValue } from '#src/stream/gst/template.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { fuzz } from '../harness/fuzz.js';
import { anyEdits, anyNumber, anyText, editText } from '../harness/junk.js';

const folder = packagePath('pipelines');
const TEMPLATES = readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }));
const PIECES = [
  '{',
  '}',
  '#',
  '# {x} string: y\n',
  '{x}',
  '/',
  '\\',
  '"',
  "'",
  '!',
  ' ! fakesink',
  '\n',
  '\r',
  '\0',
  'raw /(/: z',
  ' name=x',
  'é',
];
const SYNTAX = [
  '"',
  '\\',
  "'",
  '!',
  ' ! filesink location=/tmp/x ',
  '(',
  ')',
  ',',
  ';',
  '=',
  ' ',
  '\n',
  '\t',
  '\\"',
  '{',
  '$',
  '[',
  '<',
];
const value: fc.Arbitrary<TemplateValue> = fc.oneof(
  anyText,
  anyNumber,
  fc.boolean(),
  fc.array(fc.constantFrom(...SYNTAX), { maxLength: 12 }).map((parts) => parts.join('')),
);

it('values for a template are put in, or refused with one error, and so are templates', () =>
  fuzz({
    name: 'launch',
    inputs: fc.tuple(
      fc.constantFrom(...TEMPLATES),
      fc.option(anyEdits, { nil: undefined, freq: 3 }),
      fc.infiniteStream(value),
    ),
    check: ([{ name, text }, edits, values]) => {
      try {
        const template = parseTemplate(name, edits ? editText(text, edits, PIECES) : text);
        const filled = fillTemplate(
          template,
          Object.fromEntries(
            template.parameters.map((parameter) => [parameter.name, values.next().value as TemplateValue]),
          ),
        );
        expect(filled).not.toContain('\0');
      } catch (error) {
        if (!(error instanceof DiptychError)) throw error;
        expect(error.code).toBe('DIPTYCH_E_GRAPH');
      }
    },
  }));

const text = fc.oneof(
  anyText,
  fc.array(fc.constantFrom(...SYNTAX), { maxLength: 12 }).map((parts) => parts.join('')),
);
/** Texts that GStreamer's parser gets in one launch string, so that many are tried in little time. */
const AT_ONCE = 20;

it('a text stays the value of its property, whatever is in it', () =>
  fuzz({
    name: 'launch-text',
    usually: 40,
    // Twenty texts an input.
    share: 0.05,
    inputs: fc.array(
      text.filter((each) => !each.includes('\0') && !/\p{Cs}/u.test(each)),
      { minLength: AT_ONCE, maxLength: AT_ONCE },
    ),
    check: async (texts) => {
      const header = texts.map((_, index) => `# {text${index}} string: tried`);
      const elements = texts.map((_, index) => `filesrc name=f${index} location={text${index}} ! fakesink`);
      const launch = [
        '# {graph} string: id',
        ...header,
        'diptychsrc name=in graph={graph} ! fakesink',
        ...elements,
      ].join('\n');
      const graph = await Graph.fromLaunch(
        launch,
        Object.fromEntries(texts.map((each, index) => [`text${index}`, each])),
      );
      const found = texts.map((_, index) => loadAddon().getProperty(graph.id, `f${index}`, 'location') ?? '');
      await graph.close();

      expect(found).toEqual(texts);
    },
  }));
