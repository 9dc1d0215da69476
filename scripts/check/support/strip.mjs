/**
 * Owns telling code from comments and literals in TypeScript and JavaScript, so that a rule never trips over a word in a
 * comment or a string.
 *
 * A scanner, not a parser: it knows comments, the three kinds of string, template expressions and regular expressions
 * (told from a division by what stands before).
 */

/** What may stand before a `/` that begins a regular expression. */
const BEFORE_REGEXP =
  /(?:^|[=(,;:!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|yield|await))$/;

/**
 * The same text with every comment and the inside of every literal blanked: equal length, equal lines, so that an
 * offset in one is an offset in the other. Quotes stay.
 */
export function strip(text) {
  const scanner = { text, at: 0, kept: [] };
  scanCode(scanner, false);
  return assemble(text, scanner.kept);
}

/** `kept` are ranges of code, in order; everything else becomes blanks, line breaks excepted. */
function assemble(text, kept) {
  let out = '';
  let at = 0;
  for (const [from, to] of kept) {
    out += blank(text.slice(at, from)) + text.slice(from, to);
    at = to;
  }
  return out + blank(text.slice(at));
}

function blank(text) {
  return text.replace(/[^\n]/g, ' ');
}

/** Scans code up to the end, or up to the brace that closes a template's expression. */
function scanCode(scanner, isExpression) {
  const { text } = scanner;
  let depth = 0;
  let from = scanner.at;
  const cut = (skip) => {
    scanner.kept.push([from, scanner.at]);
    skip(scanner);
    from = scanner.at;
  };
  while (scanner.at < text.length) {
    const char = text[scanner.at];
    const next = text[scanner.at + 1];
    if (char === '/' && next === '/') cut(skipLineComment);
    else if (char === '/' && next === '*') cut(skipBlockComment);
    else if (char === '/' && startsRegExp(text, scanner.at)) cut(skipRegExp);
    else if (char === "'" || char === '"') {
      scanner.at++;
      cut((s) => skipString(s, char));
    } else if (char === '`') {
      scanner.at++;
      cut(scanTemplate);
    } else if (isExpression && char === '}' && depth === 0) break;
    else {
      if (char === '{') depth++;
      else if (char === '}') depth--;
      scanner.at++;
    }
  }
  scanner.kept.push([from, scanner.at]);
}

function skipLineComment(scanner) {
  const end = scanner.text.indexOf('\n', scanner.at);
  scanner.at = end < 0 ? scanner.text.length : end;
}

function skipBlockComment(scanner) {
  const end = scanner.text.indexOf('*/', scanner.at + 2);
  scanner.at = end < 0 ? scanner.text.length : end + 2;
}

/** From after the opening quote to the closing one, which is left. */
function skipString(scanner, quote) {
  const { text } = scanner;
  while (scanner.at < text.length && text[scanner.at] !== quote && text[scanner.at] !== '\n') {
    scanner.at += text[scanner.at] === '\\' ? 2 : 1;
  }
  keep(scanner, 1);
}

/** From after the opening backtick to after the closing one; expressions inside are code. */
function scanTemplate(scanner) {
  const { text } = scanner;
  while (scanner.at < text.length && text[scanner.at] !== '`') {
    if (text[scanner.at] === '$' && text[scanner.at + 1] === '{') {
      keep(scanner, 2);
      scanCode(scanner, true);
      keep(scanner, 1);
    } else scanner.at += text[scanner.at] === '\\' ? 2 : 1;
  }
  keep(scanner, 1);
}

function skipRegExp(scanner) {
  const { text } = scanner;
  let inClass = false;
  scanner.at++;
  while (scanner.at < text.length && text[scanner.at] !== '\n') {
    const char = text[scanner.at];
    if (char === '\\') scanner.at++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) break;
    scanner.at++;
  }
  // The last slash and the flags stay, so that what follows is seen to follow a value.
  keep(scanner, 1);
}

function startsRegExp(text, at) {
  const before = text.slice(Math.max(0, at - 40), at).replace(/\/\*.*?\*\/\s*$/s, '');
  return BEFORE_REGEXP.test(before.trimEnd());
}

function keep(scanner, length) {
  scanner.kept.push([scanner.at, Math.min(scanner.at + length, scanner.text.length)]);
  scanner.at += length;
}

/** The 1-based line of an offset. */
export function lineAt(text, offset) {
  let line = 1;
  for (let i = 0; i < offset; i++) if (text.charCodeAt(i) === 10) line++;
  return line;
}
