/**
 * Rule: the parts of the language that production sources do without: default exports, enums, namespaces, `any`,
 * decorators, comments that silence the compiler.
 */
import { codeOf, isProduction } from './support/project.mjs';
import { lineAt } from './support/strip.mjs';

const BANS = [
  [/\bexport\s+default\b|\bas\s+default\b/g, 'a default export: exports have names'],
  [/(?<![.\w$])(?:const\s+)?enum\s+\w+\s*\{/g, 'an enum: use constants or a union of literals'],
  [/^\s*(?:export\s+)?(?:declare\s+)?namespace\s+\w/gm, 'a namespace'],
  [/(?<![.\w$'])any\b(?!\s*[:(?])/g, 'any: say what it is, or unknown'],
  [/^\s*@\w+/gm, 'a decorator'],
  [/\bexport\s+\*/g, 'export *: name what is exported'],
];
const SILENCERS = /@ts-(?:ignore|nocheck|expect-error)/g;

export const rule = {
  name: 'language',
  kind: 'file',
  applies: isProduction,
  check(_path, text) {
    const code = codeOf(text);
    const found = BANS.flatMap(([pattern, message]) =>
      [...code.matchAll(pattern)].map((match) => ({
        line: lineAt(code, match.index),
        message: `not used here: ${message}`,
      })),
    );
    for (const match of text.matchAll(SILENCERS)) {
      found.push({ line: lineAt(text, match.index), message: `${match[0]} silences the compiler` });
    }
    return found;
  },
  plants: [
    plant('export default 1;', /default export/),
    plant('export { a as default };', /default export/),
    plant('enum Colour { Red }', /enum/),
    plant('export const enum Colour { Red }', /enum/),
    plant('namespace A { }', /namespace/),
    plant('const a: any = 1;', /any/),
    plant('const a = b as any;', /any/),
    plant('type A = Map<string, any>;', /any/),
    plant('@sealed\nclass A {}', /decorator/),
    plant("export * from './a.ts';", /export \*/),
    plant('// @ts-ignore\nconst a = 1;', /silences/),
  ],
  clean: [{ path: 'src/engine/planted.ts', text: "/** Any. */\n// any\nconst a = 'any enum x {';\n" }],
};

function plant(line, expect) {
  return { path: 'src/engine/planted.ts', text: `/** Planted. */\n${line}\n`, expect };
}
