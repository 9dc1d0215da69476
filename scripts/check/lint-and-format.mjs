/**
 * Rule: the linter's rules hold and every file is formatted (biome.json). Functions of 70 lines and more, file names
 * that are not kebab-case and `any` are among them.
 */
import { realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { runTool } from './support/run-tool.mjs';

const HEADER = '/** Planted. */\n';
const LONG_FUNCTION = `export function long(): number {\n  let n = 0;\n${'  n++;\n'.repeat(70)}  return n;\n}\n`;

export const rule = {
  name: 'lint and format',
  kind: 'tool',
  async check(folder) {
    const args = [
      'ci',
      '--reporter=github',
      '--max-diagnostics=none',
      '--error-on-warnings',
      '--colors=off',
      '.',
    ];
    const { code, output } = await runTool('@biomejs/biome/bin/biome', args, folder);
    const violations = parse(output, realpathSync(folder));
    if (violations.length === 0 && code !== 0)
      return [{ path: 'biome.json', line: 1, message: output.trim() }];
    return violations;
  },
  plants: [
    plant('any', 'export const anything = (a: any): unknown => a;\n', /noExplicitAny/),
    plant('const', 'export function one(): number {\n  let n = 1;\n  return n;\n}\n', /useConst/),
    plant('type', "import { Arena } from '../base/arena.ts';\n\nexport type A = Arena;\n", /useImportType/),
    plant('format', 'export const   wide   = 1\n', /format/),
    plant('long', LONG_FUNCTION, /noExcessiveLinesPerFunction/),
    {
      path: 'src/engine/plantedCamel.ts',
      text: `${HEADER}export const a = 1;\n`,
      expect: /useFilenamingConvention/,
    },
    { path: 'scripts/planted-format.mjs', text: 'export const   wide   = 1\n', expect: /format/ },
    { path: 'test/planted-format.test.ts', text: 'export const   wide   = 1\n', expect: /format/ },
  ],
};

function plant(name, text, expect) {
  return { path: `src/engine/planted-${name}.ts`, text: HEADER + text, expect };
}

/** GitHub's annotations: `::error title=RULE,file=PATH,line=N,…::message`, the path absolute. */
function parse(output, folder) {
  const pattern = /^::(?:error|warning|notice) title=([^,]*),file=([^,]*)(?:,line=(\d+))?[^:]*::(.*)$/gm;
  return [...output.matchAll(pattern)].map((match) => ({
    path: relative(folder, resolve(folder, match[2])).replaceAll('\\', '/'),
    line: Number(match[3] ?? 1),
    message: `${match[4]} (${match[1]})`,
  }));
}
