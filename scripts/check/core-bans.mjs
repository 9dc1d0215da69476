/**
 * Rule: the core (layers 0-3 and `sim`) names no clock, no random source, no promise, no timer and no process. The
 * compiler refuses what is Node's; this refuses what is the language's, and says why.
 */
import { codeOf, isCore } from './support/project.mjs';
import { lineAt } from './support/strip.mjs';

const BANS = [
  [/(?<![.#\w$])Date\b/g, 'Date: time comes through the port Time'],
  [/\bMath\s*\.\s*random\b/g, 'Math.random: choices come through the port Random, secrets through Entropy'],
  [/(?<![.#\w$])Promise(?:Like)?\b/g, 'Promise: results come to a handler, at the start of a turn'],
  [/(?<![.#\w$])async\b(?!\s*[:=,)])/g, 'async: the core is synchronous'],
  [/(?<![.#\w$])await\b/g, 'await: the core is synchronous'],
  [
    /(?<![.#\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
    'timers come through the port Time',
  ],
  [/(?<![.#\w$])console\b/g, 'console: words for people go through the port Log'],
  [/(?<![.#\w$])process\s*\./g, 'process: the core knows no process'],
  [/(?<![.#\w$])globalThis\b/g, 'globalThis: the core knows no platform'],
  [/(?<![.#\w$])eval\b/g, 'eval'],
  [/(?<![.#\w$])new\s+Function\b/g, 'new Function'],
  [/(?<![.#\w$])performance\b/g, 'performance: time comes through the port Time'],
  [/(?<![.#\w$])import\s*\(/g, 'import(): the core loads nothing later'],
  [/(?<![.#\w$])Atomics\s*\.\s*wait/g, 'Atomics.wait: the core never blocks'],
];

export const rule = {
  name: 'core bans',
  kind: 'file',
  applies: isCore,
  check(_path, text) {
    const code = codeOf(text);
    return BANS.flatMap(([pattern, message]) =>
      [...code.matchAll(pattern)].map((match) => ({
        line: lineAt(code, match.index),
        message: `banned in the core: ${message}`,
      })),
    );
  },
  plants: [
    plant('const now = Date.now();', /Date/),
    plant('const n = Math.random();', /Math\.random/),
    plant('type P = Promise<void>;', /Promise/),
    plant('export async function a() {}', /async/),
    plant('for await (const a of b) {}', /await/),
    plant('setTimeout(a, 1);', /timers/),
    plant('setInterval(a, 1);', /timers/),
    plant('setImmediate(a);', /timers/),
    plant('queueMicrotask(a);', /timers/),
    plant('console.log(1);', /console/),
    plant('process.exit(1);', /process/),
    plant('globalThis.a = 1;', /globalThis/),
    plant("eval('1');", /eval/),
    plant("new Function('1');", /new Function/),
    plant('performance.now();', /performance/),
    plant("import('./a.ts');", /import\(\)/),
    plant('Atomics.wait(a, 0, 0);', /Atomics/),
    // Inside a template's expression is code as well; a regular expression before it must not hide it.
    plant('const a = /[`"/]/.test(b) ? `${Date.now()}` : 1;', /Date/),
    { ...plant('const n = Math.random();', /Math\.random/), path: 'src/sim/planted.ts' },
    { ...plant('const n = Math.random();', /Math\.random/), path: 'src/disk/planted.ts' },
  ],
  /** What must not be refused. */
  clean: [
    {
      path: 'src/engine/planted.ts',
      text: "/** Date, await. */\nconst a = 'Date'; // Promise\nconst b = /Date/;\n",
    },
    { path: 'src/engine/planted.ts', text: '/** Fine. */\nexport const a = { process(): void {} };\n' },
  ],
};

function plant(line, expect) {
  return { path: 'src/engine/planted.ts', text: `/** Planted. */\n${line}\n`, expect };
}
