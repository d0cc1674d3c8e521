/** Progress of a stack command on the terminal: one line per step, with the seconds since the command's start. */
export interface StackConsole {
  step(name: string, text: string): void;
  line(text?: string): void;
  error(text: string): void;
  /** `12.3` */
  seconds(): string;
}

const NAME_WIDTH = 22;

export function startConsole(): StackConsole {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  return {
    seconds,
    step: (name, text) => console.log(`${`[${seconds()} s]`.padStart(10)} ${name.padEnd(NAME_WIDTH)} ${text}`),
    line: (text = '') => console.log(text),
    error: (text) => console.error(text),
  };
}
