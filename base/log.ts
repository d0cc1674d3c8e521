/** The logger that code below `kit/` gets passed in. A message is a constant sentence; what varies goes into `fields`. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
