/** Most bytes of a picture: a page of documentation shows several of them. */
export const MOST_BYTES = 250_000;
