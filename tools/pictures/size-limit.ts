/** Maximum size of a picture in bytes. The limit is low because one page of documentation shows several pictures. */
export const MOST_BYTES = 250_000;
