/**
 * Rule: everything compiles. The core (layers 0-3 and `sim`) without Node's types and without the DOM, the rest with
 * Node's types, tests and benchmarks as a project of their own.
 */
import { runTool } from './support/run-tool.mjs';

const HEADER = '/** Planted. */\n';

export const rule = {
  name: 'types',
  kind: 'tool',
  async check(folder) {
    const build = await runTool('typescript/bin/tsc', ['-b', '--pretty', 'false'], folder);
    const tests = await runTool(
      'typescript/bin/tsc',
      ['-p', 'tsconfig.test.json', '--pretty', 'false'],
      folder,
    );
    const violations = [...parse(build.output), ...parse(tests.output)];
    if (violations.length === 0 && (build.code !== 0 || tests.code !== 0)) {
      return [{ path: 'tsconfig.json', line: 1, message: `tsc failed: ${build.output}${tests.output}` }];
    }
    const seen = new Set();
    return violations.filter(({ path, line, message }) => {
      const key = `${path}:${line}:${message}`;
      return !seen.has(key) && seen.add(key);
    });
  },
  plants: [
    core('buffer', 'export const size = Buffer.from([]).length;\n', /Buffer/),
    core('timer', 'export const start = (): unknown => setTimeout(() => {}, 1);\n', /setTimeout/),
    core('process', 'export const id = process.pid;\n', /process/),
    core('console', 'export const say = (): void => console.log(1);\n', /console/),
    core('url', 'export const url = new URL("http://a/");\n', /URL/),
    core('decoder', 'export const decoder = new TextDecoder();\n', /TextDecoder/),
    core('node', "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n", /node:fs/),
    core('index', 'export const first = (list: number[]): number => list[0];\n', /undefined/),
    core('enum', 'export enum Colour {\n  Red,\n}\n', /erasableSyntaxOnly/),
    core('optional', 'export const made: { a?: number } = { a: undefined };\n', /exactOptionalPropertyTypes/),
    core('unused', 'export const used = (): void => {\n  const spare = 1;\n};\n', /never read/),
    {
      path: 'src/node/planted-dom.ts',
      text: `${HEADER}export const page = document.title;\n`,
      expect: /document/,
    },
    {
      path: 'src/cli/planted-type.ts',
      text: `${HEADER}export const n: number = 'n';\n`,
      expect: /not assignable/,
    },
    {
      path: 'test/planted-type.test.ts',
      text: `${HEADER}export const n: number = 'n';\n`,
      expect: /not assignable/,
    },
  ],
};

function core(name, text, expect) {
  return { path: `src/engine/planted-${name}.ts`, text: HEADER + text, expect };
}

/** `path(line,column): error TSn: message`, continuation lines indented. */
function parse(output) {
  return [...output.matchAll(/^(\S[^(\n]*)\((\d+),\d+\): error (.*)$/gm)].map((match) => ({
    path: match[1].replaceAll('\\', '/'),
    line: Number(match[2]),
    message: match[3],
  }));
}
