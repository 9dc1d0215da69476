/** The seam to unpredictable bytes: peer ids, keys, transaction ids. Choices that need no secrecy take `Random`. */
export interface Entropy {
  fill(bytes: Uint8Array): void;
}
