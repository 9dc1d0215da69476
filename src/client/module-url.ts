/**
 * Owns where a module of this folder lies that is loaded by URL: the compiler does not rewrite the extension
 * in a URL, and the same code runs from its sources and compiled.
 */

/** URL of the module beside this one that `name` (`./x`, without extension) means. */
export function moduleUrl(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`${name}${extension}`, import.meta.url).href;
}
