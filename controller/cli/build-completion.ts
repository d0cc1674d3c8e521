/** Builds the completion scripts of bash, zsh and fish from `DescribedCommand`s: commands with their options and arguments. Pure. */
export interface DescribedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly DescribedOption[];
  /** Allowed values of the command's arguments. Empty if the arguments are files or free text. */
  readonly words: readonly string[];
  readonly takesFiles: boolean;
}

export interface DescribedOption {
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly takesFile: boolean;
}

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function buildCompletion(shell: Shell, program: string, commands: readonly DescribedCommand[]): string {
  switch (shell) {
    case 'bash':
      return buildBash(program, commands);
    case 'zsh':
      return buildZsh(program, commands);
    case 'fish':
      return buildFish(program, commands);
  }
}

function buildBash(program: string, commands: readonly DescribedCommand[]): string {
  const cases = commands.map(
    (command) => `    ${command.name})
      case "$previous" in
${command.options
  .filter(({ takesValue }) => takesValue)
  .map(bashValue)
  .join('\n')}
      esac
      if [[ $current == -* ]]; then COMPREPLY=($(compgen -W "${flagsOf(command).join(' ')}" -- "$current"))
      else COMPREPLY=($(${bashWords(command)} -- "$current")); fi
      ;;`,
  );
  return `# bash completion of ${program}: source <(${program} completion bash)
_${program}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')} --help" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
}
complete -o filenames -F _${program} ${program}
`;
}

function flagsOf({ options }: DescribedCommand): string[] {
  return options.flatMap(({ long, short }) => (short ? [long, short] : [long]));
}

function bashValue({ long, short, choices, takesFile }: DescribedOption): string {
  const pattern = short ? `${long} | ${short}` : long;
  const words = takesFile ? '$(compgen -f -- "$current")' : `$(compgen -W "${choices.join(' ')}" -- "$current")`;
  return `        ${pattern}) COMPREPLY=(${choices.length > 0 || takesFile ? words : ''}); return ;;`;
}

function bashWords({ words, takesFiles }: DescribedCommand): string {
  return takesFiles ? 'compgen -f' : `compgen -W "${words.join(' ')}"`;
}

function buildZsh(program: string, commands: readonly DescribedCommand[]): string {
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = commands.map(
    (command) => `    ${command.name})
      _arguments -s ${[...command.options.flatMap(zshOption), zshArgument(command)].filter(Boolean).join(' \\\n        ')}
      ;;`,
  );
  return `#compdef ${program}
# zsh completion of ${program}: ${program} completion zsh > "\${fpath[1]}/_${program}"
_${program}() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

function zshOption({ long, short, description, takesValue, choices, takesFile }: DescribedOption): string[] {
  const about = description.replaceAll(/[[\]:]/g, '\\$&');
  const value = takesFile ? ':file:_files' : choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:';
  const named = [long, ...(short ? [short] : [])];
  return named.map((flag) => quote(`${flag}[${about}]${takesValue ? value : ''}`));
}

function zshArgument({ words, takesFiles }: DescribedCommand): string {
  if (takesFiles) return quote('*:file:_files');
  return words.length > 0 ? quote(`1:name:(${words.join(' ')})`) : '';
}

function buildFish(program: string, commands: readonly DescribedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const inside = `complete -c ${program} -n ${quote(`__fish_seen_subcommand_from ${command.name}`)}`;
    const argument = command.takesFiles
      ? [`${inside} -F`]
      : command.words.length > 0
        ? [`${inside} -a ${quote(command.words.join(' '))}`]
        : [];
    return [
      `complete -c ${program} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
      ...argument,
      ...command.options.map((option) => `${inside} ${fishOption(option)}`),
    ];
  });
  return `# fish completion of ${program}: ${program} completion fish > ~/.config/fish/completions/${program}.fish
complete -c ${program} -f
${lines.join('\n')}
`;
}

function fishOption({ long, short, description, takesValue, choices, takesFile }: DescribedOption): string {
  const flags = `${short ? `-s ${short.slice(1)} ` : ''}-l ${long.slice(2)} -d ${quote(description)}`;
  if (!takesValue) return flags;
  if (takesFile) return `${flags} -r -F`;
  return choices.length > 0 ? `${flags} -x -a ${quote(choices.join(' '))}` : `${flags} -x`;
}

/** Quotes a string so that bash, zsh and fish all read it as one word. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
