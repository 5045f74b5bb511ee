import { optionLabel } from './stream/option-labels.js';
import { sentence } from './wording.js';

/** What an option means stands beside its field; in an error such a text in brackets is longer than this, characters. */
const LONGEST_REMARK = 40;
/** What was typed is in the field still. */
const GOT = /; got "(?:[^"\\]|\\.)*"/g;
/** Where a mistake is: `source.url: `. */
const PATH = /(^|; )([a-z]\w*(?:\.\w+)*): /g;
/** Fields that stand alone in their form: their name says nothing. */
const ALONE: ReadonlySet<string> = new Set(['url', 'id', 'key', 'source.url']);

/** An error of the API for people who have the form before them: fields by their names there, and not what they mean once more. */
export const failureText = (message: string): string =>
  sentence(
    withoutLongRemarks(message)
      .replace(GOT, '')
      .replace(PATH, (_all, before: string, path: string) => before + fieldName(path)),
  );

const fieldName = (path: string): string => (ALONE.has(path) ? '' : `${optionLabel(path)}: `);

/** Leaves out what stands in brackets, other brackets within them included, where it is long. */
function withoutLongRemarks(text: string): string {
  let kept = '';
  let depth = 0;
  let start = 0;
  for (const character of text) {
    if (character === '(' && depth++ === 0) start = kept.length;
    kept += character;
    if (character !== ')' || depth === 0) continue;
    depth--;
    if (depth === 0 && kept.length - start > LONGEST_REMARK) kept = kept.slice(0, start).trimEnd();
  }
  return kept;
}
