/** Bytes of one picture: as much as one wants to download with a page of documentation. */
export const MOST_BYTES = 250_000;
