/**
 * The scanner under the rules of `npm run check`: what it keeps is code, what it blanks is not.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../support/checkout.ts';

const { strip } = (await import(join(root, 'scripts/check/support/strip.mjs'))) as {
  strip: (text: string) => string;
};

const CASES: readonly (readonly [title: string, source: string, kept: string])[] = [
  ['a line comment', 'a; // Date\nb', 'a;        \nb'],
  ['a block comment over lines', 'a /* x\ny */ b', 'a     \n     b'],
  ['strings, with escapes', `f('it\\'s', "//")`, `f('     ', "  ")`],
  ['a template, but not its expressions', '`a ${b + `c ${d}`} e`', '`  ${b + `  ${d}`}  `'],
  ['braces inside a template expression', '`${f({ a: 1 })}x`', '`${f({ a: 1 })} `'],
  ['a regular expression with a quote', `x = /['"\`]/g; y`, 'x =       /g; y'],
  ['a regular expression with a slash in a class', 'x = /[/]/; y', 'x =     /; y'],
  ['no division', 'a / b / c; (d) / e', 'a / b / c; (d) / e'],
  ['a string that never ends, up to its line', `a = 'b\nc`, `a = ' \nc`],
];

describe('strip', () => {
  for (const [title, source, kept] of CASES) {
    it(`blanks ${title}`, () => assert.equal(strip(source), kept));
  }

  it('keeps the length and the lines of every source of the project', () => {
    for (const path of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.ts')) continue;
      const text = readFileSync(join(root, 'src', path), 'utf8');
      const code = strip(text);
      assert.equal(code.length, text.length, path);
      assert.equal(code.split('\n').length, text.split('\n').length, path);
    }
  });
});
