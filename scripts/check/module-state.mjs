/**
 * Rule: production modules hold no state. A module-level binding is a `const`, and what it holds is not meant to change:
 * a container says so by its type (`readonly`, `Readonly…`), by `as const` or `Object.freeze`, or, where the language has
 * no read-only form (typed arrays, regular expressions and the like), by a name in CAPITALS.
 */
import { THREAD_ENTRIES } from './exceptions.mjs';
import { codeOf, isProduction } from './support/project.mjs';
import { lineAt } from './support/strip.mjs';

const DECLARATION = /(?<=^|[;}\n])\s*(?:export\s+)?(const|let|var)\s+(#?[\w$]+|\{|\[)([^=;]*?)=(?!>)\s*/g;
const STATIC_FIELD = /\bstatic\s+(?!readonly\b|async\b|get\b|set\b|\{)(#?[\w$]+)\s*(?:[:=;!])/g;

export const rule = {
  name: 'module state',
  kind: 'file',
  applies: (path) => isProduction(path) && !THREAD_ENTRIES.has(path),
  check(_path, text) {
    const code = codeOf(text);
    const flat = topLevelOf(code);
    const found = [];
    for (const match of flat.matchAll(/(?<=^|[;}\n])\s*(?:export\s+)?(?:let|var)\s+[\w$[{]/g)) {
      found.push({
        line: lineAt(code, endOfBlanks(match)),
        message: 'a module-level let or var is state: put it into an object',
      });
    }
    for (const match of flat.matchAll(DECLARATION)) {
      if (match[1] !== 'const') continue;
      const message = containerComplaint(code, match);
      if (message !== null) found.push({ line: lineAt(code, endOfBlanks(match)), message });
    }
    for (const match of code.matchAll(STATIC_FIELD)) {
      found.push({ line: lineAt(code, match.index), message: `static ${match[1]} is state of the module` });
    }
    return found;
  },
  plants: [
    plant('let count = 0;', /let or var/),
    plant('export let count = 0;', /let or var/),
    plant('var count = 0;', /let or var/),
    plant('const cache = new Map<string, number>();', /cache/),
    plant('const seen = new Set();', /seen/),
    plant('export const queue: number[] = [];', /queue/),
    plant('const state = { count: 0 };', /state/),
    plant('const counts: Record<string, number> = {};', /counts/),
    plant('const scratch = new Uint8Array(20);', /scratch/),
    plant('class A {\n  static count = 0;\n}', /static count/),
  ],
  clean: [
    'export const NAMES = ["a", "b"] as const;',
    'const ROWS = { a: 1 } as const satisfies Record<string, number>;',
    'const TABLE: readonly number[] = [1, 2];',
    'const TABLE = new Uint32Array(256);',
    'const KINDS: ReadonlyMap<string, number> = new Map();',
    'const BY_CODE: Readonly<Record<string, number>> = { a: 1 };',
    'const HONEST: Behaviour = { lies: false };',
    'export const double = (n: number): number => {\n  let m = n;\n  return m * 2;\n};',
    'function f(): void {\n  let a = 1;\n  const b = [];\n}',
    'class A {\n  static readonly limit = 1;\n  static of(): A {\n    return new A();\n  }\n}',
  ].map((line) => ({ path: 'src/engine/planted.ts', text: `/** Fine. */\n${line}\n` })),
};

function plant(line, expect) {
  return { path: 'src/engine/planted.ts', text: `/** Planted. */\n${line}\n`, expect };
}

/** What is wrong with what a top-level const holds, or null. `match` is one of {@link DECLARATION}. */
function containerComplaint(code, match) {
  const [, , name, annotation] = match;
  const from = match.index + match[0].length;
  const value = code.slice(from, endOfValue(code, from)).trimEnd();
  if (/[rR]eadonly/.test(annotation) || /\bas\s+const(?:\s+satisfies\b.*)?$/s.test(value)) return null;
  // Objects of a named type are as constant as the fields of their type; the compiler sees to those.
  const isOpen = /\[\]|\b(?:Record|Map|Set|Array|Partial)</.test(annotation);
  if (value.startsWith('{') && annotation.trim() !== '' && !isOpen) return null;
  const isContainer = /^(?:new\s+(?:Map|Set|WeakMap|WeakSet|Array)\b|\[|\{)/.test(value);
  const isConstant = /^[A-Z][A-Z0-9_]*$/.test(name) && /^new\s/.test(value) && !isContainer;
  if (isConstant || !(isContainer || /^new\s/.test(value))) return null;
  return `${name} can change: make it readonly${isContainer ? '' : ', or a constant with a name in capitals'}`;
}

/** Where the value that begins at `from` ends: the semicolon that belongs to it. */
function endOfValue(code, from) {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    if ('([{'.includes(code[at])) depth++;
    else if (')]}'.includes(code[at])) depth--;
    else if (code[at] === ';' && depth === 0) return at;
  }
  return code.length;
}

/** The code with everything inside brackets blanked, line breaks excepted. */
function topLevelOf(code) {
  let depth = 0;
  let out = '';
  for (const char of code) {
    if ('([{'.includes(char)) {
      out += depth === 0 ? char : ' ';
      depth++;
    } else if (')]}'.includes(char)) {
      depth--;
      out += depth === 0 ? char : ' ';
    } else out += depth === 0 || char === '\n' ? char : ' ';
  }
  return out;
}

function endOfBlanks(match) {
  return match.index + /^\s*/.exec(match[0])[0].length;
}
