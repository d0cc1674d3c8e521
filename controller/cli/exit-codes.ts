/** What a command's end says to a script. */
export const exitCodes = {
  ok: 0,
  /** It worked, and what it looked at is not as it should be: wrong input, a difference, a finding, an alert that fired. */
  wrong: 1,
  /** It could not be done: wrong arguments, a file or a server that does not answer. Nothing is known. */
  failed: 2,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Something the user can mend; its message says how. Ends the command with exit code 2. */
export class Failure extends Error {}
