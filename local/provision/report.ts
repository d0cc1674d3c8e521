/** Where provisioning tells what it does. One line, at once: the reader waits. */
export type Report = (part: string, text: string) => void;

const NAME_WIDTH = 20;

export function buildConsoleReport(write: (line: string) => void = console.log): Report {
  return (part, text) => write(`  ${part.padEnd(NAME_WIDTH)} ${text}`);
}

export const silent: Report = () => {};
