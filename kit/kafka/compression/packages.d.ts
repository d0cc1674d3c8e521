/** The functions used here of two packages that come without types. */
declare module 'lz4js' {
  /** Unfolds the frame into `target` and returns the unfolded size. Bytes beyond the end of `target` are lost. */
  export function decompressFrame(frame: Uint8Array, target: Uint8Array): number;
}

declare module 'snappyjs' {
  /** @throws Error if the block is broken or unfolds to more than `maxLength` bytes */
  export function uncompress(block: Buffer, maxLength: number): Buffer;
}
