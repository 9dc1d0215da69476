/**
 * Rule: docs/limits.md says what the sources say. `npm run docs` rewrites its tables.
 */
import { limitsTables } from './support/limits-table.mjs';

const PATH = 'docs/limits.md';
const MARK = '<!-- The rest is written by npm run docs. -->\n';

export const rule = {
  name: 'limits table',
  kind: 'project',
  check(files) {
    const text = files.get(PATH) ?? '';
    if (text === withTables(text, files)) return [];
    return [{ path: PATH, line: 1, message: 'does not say what the sources say: run npm run docs' }];
  },
  plants: [
    {
      path: PATH,
      text: `# Limits\n\n${MARK}\n## \`engine\`\n`,
      expect: /npm run docs/,
    },
    {
      path: PATH,
      text: '# Limits\n',
      expect: /npm run docs/,
    },
  ],
};

/** The document with its tables as the sources have them. */
export function withTables(text, files) {
  const at = text.indexOf(MARK);
  const head = at < 0 ? text : text.slice(0, at);
  return `${head}${MARK}\n${limitsTables(files)}`;
}
