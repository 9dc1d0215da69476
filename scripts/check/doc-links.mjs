/**
 * Rule: what the documents point at exists: relative links and their anchors, and in docs/beps.md every path in backticks.
 */
import { resolve } from './imports.mjs';
import { lineAt } from './support/strip.mjs';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

export const rule = {
  name: 'document links',
  kind: 'project',
  check(files) {
    const folders = foldersOf(files);
    const found = [];
    for (const [path, text] of files) {
      if (!path.endsWith('.md')) continue;
      for (const match of withoutCode(text).matchAll(LINK)) {
        const message = linkComplaint(files, folders, path, match[1]);
        if (message !== null) found.push({ path, line: lineAt(text, match.index), message });
      }
      if (path === 'docs/beps.md') found.push(...tableComplaints(files, folders, path, text));
    }
    return found;
  },
  plants: [
    { path: 'docs/planted.md', text: '# P\n\n[a](nowhere.md)\n', expect: /nowhere\.md/ },
    { path: 'docs/planted.md', text: '# P\n\n[a](../src/nowhere/)\n', expect: /nowhere/ },
    { path: 'docs/planted.md', text: '# P\n\n[a](#no-such-heading)\n', expect: /no-such-heading/ },
    { path: 'docs/beps.md', text: '| 3 | done | `src/nowhere` |\n', expect: /nowhere/ },
  ],
};

function linkComplaint(files, folders, path, link) {
  if (/^[a-z]+:/.test(link)) return null;
  const [file, anchor] = link.split('#');
  const target = file === '' ? path : resolve(path, file).replace(/\/$/, '');
  if (!files.has(target) && !folders.has(target)) return `the link to ${link} leads nowhere`;
  if (anchor === undefined || !target.endsWith('.md')) return null;
  return anchorsOf(files.get(target)).has(anchor) ? null : `${target} has no heading for #${anchor}`;
}

function tableComplaints(files, folders, path, text) {
  return [...text.matchAll(/`((?:src|test|bench)\/[^`*]*)`/g)]
    .filter((match) => !files.has(match[1]) && !folders.has(match[1].replace(/\/$/, '')))
    .map((match) => ({ path, line: lineAt(text, match.index), message: `${match[1]} does not exist` }));
}

function foldersOf(files) {
  const folders = new Set();
  for (const path of files.keys()) {
    const parts = path.split('/');
    for (let n = 1; n < parts.length; n++) folders.add(parts.slice(0, n).join('/'));
  }
  return folders;
}

function anchorsOf(text) {
  const headings = [...withoutCode(text).matchAll(/^#+\s+(.*)$/gm)].map((match) => match[1]);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  );
}

/** The text with fenced blocks blanked, offsets kept. */
function withoutCode(text) {
  return text.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ' '));
}
