/**
 * Rule: a source says at its top what it owns, and has at most 500 lines (tests may be longer). Functions of more than 70 lines are the linter's
 * business (biome.json).
 */
import { FILE_LENGTH_EXCEPTIONS } from './exceptions.mjs';
import { isProduction } from './support/project.mjs';

const MAX_LINES = 500;
const MIN_HEADER_LENGTH = 30;

export const rule = {
  name: 'size and header',
  kind: 'file',
  applies: (path) => path.startsWith('src/') && path.endsWith('.ts'),
  check(path, text) {
    const found = [];
    const header = /^\/\*\*([\s\S]*?)\*\//.exec(text);
    const needsHeader = !path.endsWith('.test.ts');
    if (needsHeader && (header === null || header[1].trim().length < MIN_HEADER_LENGTH)) {
      found.push({ line: 1, message: 'the file does not say at its top what it owns' });
    }
    if (!isProduction(path)) return found;
    const lines = text.split('\n').length - 1;
    const limit = FILE_LENGTH_EXCEPTIONS.get(path)?.lines ?? MAX_LINES;
    if (lines > limit)
      found.push({ line: limit + 1, message: `the file has ${lines} lines, more than ${limit}` });
    return found;
  },
  plants: [
    { path: 'src/engine/planted.ts', text: 'export const a = 1;\n', expect: /at its top/ },
    { path: 'src/engine/planted.ts', text: '// short\nexport const a = 1;\n', expect: /at its top/ },
    {
      path: 'src/engine/planted.ts',
      text: `/** Planted, with a header of some length. */\n${'//\n'.repeat(500)}`,
      expect: /501 lines/,
    },
  ],
};
