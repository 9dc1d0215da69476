/**
 * Owns the names of the simulated world: which addresses a name stands for, and which names nobody answers for.
 */

/** What asking for a name leads to: addresses, an authoritative no, or silence. */
export type NameFate = readonly string[] | 'not-found' | 'silent';

export class Names {
  readonly #fates = new Map<string, NameFate>();

  set(host: string, fate: NameFate): void {
    this.#fates.set(host.toLowerCase(), fate);
  }

  lookUp(host: string): NameFate {
    return this.#fates.get(host.toLowerCase()) ?? 'not-found';
  }
}
