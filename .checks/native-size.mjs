// @ts-check
// Files and functions of the native code that are too long to read at once:
// node .checks/native-size.mjs [FOLDER]
//
// Exits with 1 where a file of the folder (native/ by default) has more than 300 lines or a function
// more than 60, blank lines and comments included. Functions are found by their braces, not by
// parsing C++: the body of what has parentheses in front of it, outside of other functions.

import { nativeSources, report } from './native-sources.mjs';
import { packagePath } from './package-root.mjs';

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;

/**
 * The text with comments, literals and preprocessor lines blanked out; all else stays where it is.
 * @param {string} text
 */
function bare(text) {
  const blank = (/** @type {string} */ part) => part.replace(/[^\n]/g, ' ');
  return text.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:\\\n|[^\n])*/gm,
    blank,
  );
}

/**
 * @param {string} text
 * @returns {readonly { readonly header: string, readonly line: number, readonly lines: number }[]}
 */
function functionsOf(text) {
  const code = bare(text);
  const lineAt = (/** @type {number} */ index) => code.slice(0, index).split('\n').length;
  /** @type {{ header: string, line: number, lines: number }[]} */
  const found = [];
  /** @type {{ readonly isFunction: boolean, readonly begin: number, readonly header: string }[]} */
  const open = [];
  let begin = 0;
  for (let at = 0; at < code.length; at += 1) {
    const symbol = code[at];
    if (symbol === '{') {
      const before = code.slice(begin, at);
      const isInside = open.some(({ isFunction }) => isFunction);
      const isContainer = /\b(?:namespace|struct|class|union|enum|extern)\b/.test(before) && !before.includes('(');
      const isFunction = !isInside && !isContainer && before.includes('(');
      open.push({ isFunction, begin: begin + before.search(/\S|$/), header: before.trim().replace(/\s+/g, ' ') });
    }
    if (symbol === '}') {
      const block = open.pop();
      if (block?.isFunction === true) {
        const line = lineAt(block.begin);
        found.push({ header: block.header, line, lines: lineAt(at) - line + 1 });
      }
    }
    if (symbol === '{' || symbol === '}' || symbol === ';') begin = at + 1;
  }
  return found;
}

/** @param {string} folder @returns {readonly string[]} one sentence for each violation */
function problemsOf(folder) {
  /** @type {string[]} */
  const problems = [];
  for (const { path, text } of nativeSources(folder)) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (lines > MAX_FILE_LINES) problems.push(`${path} has ${lines} lines, at most ${MAX_FILE_LINES} are allowed`);
    for (const { header, line, lines: length } of functionsOf(text)) {
      if (length <= MAX_FUNCTION_LINES) continue;
      problems.push(
        `${path}:${line} has a function of ${length} lines, at most ${MAX_FUNCTION_LINES} are allowed: ${header}`,
      );
    }
  }
  return problems;
}

report('native size', problemsOf(process.argv[2] ?? packagePath('native')));
