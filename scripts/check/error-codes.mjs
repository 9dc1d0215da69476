/**
 * Rule: docs/errors.md lists exactly the failure codes of src/ports/failure.ts.
 */
const CODES_PATH = 'src/ports/failure.ts';
const PATH = 'docs/errors.md';

export const rule = {
  name: 'error codes',
  kind: 'project',
  check(files) {
    const source = /FAILURE_CODES = \[([\s\S]*?)\]/.exec(files.get(CODES_PATH) ?? '')?.[1] ?? '';
    const codes = [...source.matchAll(/^\s*'([a-z-]+)'/gm)].map((match) => match[1]);
    const section = (files.get(PATH) ?? '').split('## Failure codes')[1] ?? '';
    const listed = [...section.matchAll(/^\| `([a-z-]+)`/gm)].map((match) => match[1]);
    return [
      ...codes.filter((code) => !listed.includes(code)).map((code) => violation(`${code} is missing`)),
      ...listed
        .filter((code) => !codes.includes(code))
        .map((code) => violation(`${code} is no failure code`)),
      ...(codes.length === 0 ? [violation(`${CODES_PATH} has no FAILURE_CODES`)] : []),
    ];
  },
  plants: [
    { path: PATH, text: '## Failure codes\n\n| `aborted` | |\n', expect: /timeout is missing/ },
    { path: PATH, text: '## Failure codes\n\n| `no-such-code` | |\n', expect: /no-such-code is no/ },
    { path: CODES_PATH, text: '/** Empty. */\n', expect: /no FAILURE_CODES/, reportedAt: PATH },
  ],
};

function violation(message) {
  return { path: PATH, line: 1, message };
}
