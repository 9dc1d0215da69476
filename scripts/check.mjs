/**
 * `npm run check`: every rule of scripts/check/ on the project, and a proof that every rule works: its plants, small
 * violations that it brings itself, must each be reported. Exits 1 when the project breaks a rule or a rule misses a plant.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readProject } from './check/support/project.mjs';
import { prepare } from './launcher/prepare.mjs';
import { paths, root } from './launcher/project.mjs';

const COPIED = ['src', 'test', 'bench', 'scripts', 'bin', 'docs', 'package.json', 'biome.json', 'README.md'];

await prepare({ withBuild: false });
const start = performance.now();
const rules = await loadRules();
const files = readProject(root);
const copy = copyOfCheckout();
try {
  const problems = [...rules.flatMap((rule) => checkTexts(rule)), ...(await checkTools())];
  report(problems);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

async function loadRules() {
  const folder = join(root, 'scripts', 'check');
  const names = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
  const modules = await Promise.all(names.sort().map((name) => import(`./check/${name}`)));
  return modules.map((module) => module.rule).filter((rule) => rule !== undefined);
}

/** Problems of one rule that needs no tool: in the project, then in its plants. */
function checkTexts(rule) {
  if (rule.kind === 'tool') return [];
  const inProject = applyRule(rule, files).map((violation) => ({ ...violation, rule: rule.name }));
  const missed = rule.plants.filter((plant) => !isCaught(violationsOfPlant(rule, plant), plant));
  const refused = (rule.clean ?? []).filter((text) => violationsOfPlant(rule, text).length > 0);
  return [
    ...inProject,
    ...missed.map((plant) => missedPlant(rule, plant)),
    ...refused.map((text) => ({
      path: text.path,
      line: 1,
      message: `refuses what is right: ${text.text}`,
      rule: rule.name,
    })),
  ];
}

function applyRule(rule, project) {
  if (rule.kind === 'project') return rule.check(project);
  const found = [];
  for (const [path, text] of project) {
    if (rule.applies(path))
      found.push(...rule.check(path, text).map((violation) => ({ path, ...violation })));
  }
  return found;
}

function violationsOfPlant(rule, plant) {
  const planted = new Map([...Object.entries(plant.beside ?? {}), [plant.path, plant.text]]);
  return applyRule(rule, rule.kind === 'project' ? new Map([...files, ...planted]) : planted);
}

/** The tools read files, so they run in a copy: as it is, then with all plants in it. */
async function checkTools() {
  const tools = rules.filter((rule) => rule.kind === 'tool');
  const clean = await Promise.all(tools.map((rule) => rule.check(copy)));
  for (const plant of tools.flatMap((rule) => rule.plants)) {
    mkdirSync(dirname(join(copy, plant.path)), { recursive: true });
    writeFileSync(join(copy, plant.path), plant.text);
  }
  const planted = await Promise.all(tools.map((rule) => rule.check(copy)));
  return tools.flatMap((rule, index) => [
    ...clean[index].map((violation) => ({ ...violation, rule: rule.name })),
    ...rule.plants
      .filter((plant) => !isCaught(planted[index], plant))
      .map((plant) => missedPlant(rule, plant)),
  ]);
}

function isCaught(violations, plant) {
  return violations.some(
    ({ path, message }) => path === (plant.reportedAt ?? plant.path) && plant.expect.test(message),
  );
}

function missedPlant(rule, plant) {
  return {
    path: plant.path,
    line: 1,
    message: `this plant was not caught (${plant.expect}): ${plant.text}`,
    rule: rule.name,
  };
}

function copyOfCheckout() {
  const folder = mkdtempSync(join(tmpdir(), 'spate-check-'));
  const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  for (const name of [...COPIED, ...configs]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(paths.modules, join(folder, 'node_modules'));
  return folder;
}

function report(problems) {
  for (const { path, line, message, rule } of problems)
    console.log(`${path}:${line}: ${message.trimEnd()} [${rule}]`);
  const plants = rules.reduce((sum, rule) => sum + rule.plants.length, 0);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (problems.length > 0) {
    console.log(`\n${problems.length} problems`);
    process.exitCode = 1;
  } else
    console.log(`OK: ${rules.length} rules hold and caught all of their ${plants} plants, in ${seconds} s`);
}
