/**
 * The logger that callers pass to code that must not import `kit/`. A message is a constant sentence; values that vary
 * go into `fields`.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
