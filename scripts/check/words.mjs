/**
 * Rule: no text of the project carries a mark of unfinished work, or a path or word of the place where it was
 * written. The words are put together here, so that this file does not carry them.
 */
import { lineAt } from './support/strip.mjs';

const UNFINISHED = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'];
const PLACES = ['/wo' + 'rk/', 'fa' + 'rm-', 'sub' + 'agent', '/ro' + 'ot/', '/ho' + 'me/'];
const PATTERN = new RegExp(
  `(?<![\\w-])(?:${UNFINISHED.join('|')})(?![\\w-])|(?<![\\w.])(?:${PLACES.join('|')})`,
  'g',
);

export const rule = {
  name: 'words',
  kind: 'file',
  applies: () => true,
  check(_path, text) {
    return [...text.matchAll(PATTERN)].map((match) => ({
      line: lineAt(text, match.index),
      message: `"${match[0]}" does not belong into the project`,
    }));
  },
  plants: [...UNFINISHED, ...PLACES].flatMap((word) => [
    {
      path: 'src/engine/planted.ts',
      text: `/** Planted. */\n// ${word}: later\n`,
      expect: /does not belong/,
    },
    {
      path: 'docs/planted.md',
      text: `# Planted\n\nsee ${word}x\n`.replace(/([A-Z])x/, '$1 x'),
      expect: /does not belong/,
    },
  ]),
  clean: [{ path: 'docs/planted.md', text: 'platform-specific, charm-offensive, framework/ and hackers\n' }],
};
