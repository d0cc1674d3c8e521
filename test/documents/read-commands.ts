import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface DocumentedCommand {
  /** `README.md:46` */
  readonly at: string;
  /** The command on one line, without its prompt and its comment. */
  readonly text: string;
}

const PAGES = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'charts/*/README.md', 'examples/**/*.md'];
const PROGRAMS =
  'aws az cosign curl docker eksctl export flux gcloud gh git helm kind kubectl make node npm npx promtool source tradingpipeline ./tools';
const isCommand = new RegExp(
  `^(?:\\$ )?(?:[A-Z_]+=\\S* )*(?:${PROGRAMS.replaceAll(' ', '|').replaceAll('.', '\\.')})[ /]`,
);

/** Lists every command in a code block of the pages for users: indented blocks, and fences for a shell. */
export function readCommands(root: string): DocumentedCommand[] {
  return globSync(PAGES, { cwd: root })
    .sort()
    .flatMap((page) => readPage(page, readFileSync(join(root, page), 'utf8')));
}

export function readPage(page: string, text: string): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let fence: string | undefined;
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const opening = /^\s*```(\w*)/.exec(lines[index]!);
    if (opening) fence = fence === undefined ? opening[1]! : undefined;
    const isShell = fence === undefined ? /^ {4}/.test(lines[index]!) : ['sh', 'bash', 'console'].includes(fence);
    if (opening || !isShell || !isCommand.test(lines[index]!.trim())) continue;
    const at = `${page}:${index + 1}`;
    let command = lines[index]!.trim();
    while (command.endsWith('\\') && index + 1 < lines.length) {
      index += 1;
      command = `${command.slice(0, -1)}${lines[index]!.trim()}`;
    }
    commands.push({ at, text: command.replace(/^\$ /, '').replace(/\s{2,}(#.*)?$|\s{2,}\S.*$/, '') });
  }
  return commands;
}
