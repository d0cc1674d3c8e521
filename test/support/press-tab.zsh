# zsh press-tab.zsh ZSH SCRIPT LINE: types LINE and Tab in an interactive zsh that has read SCRIPT, and prints the completed line.
zmodload zsh/zpty
typeset -g said
await() {
  local chunk
  said=
  while [[ $said != *${~1}* ]]; do
    zpty -r inner chunk || { print -ru2 -- "it ended: $said"; exit 1; }
    said+=$chunk
  done
}
zpty inner "TERM=dumb $1 -d -i"
zpty -w inner "autoload -Uz compinit && compinit -D -u; source ${(q)2}"
zpty -w inner 'show() { print -r -- "line<$BUFFER>line" }; zle -N show; bindkey "^X" show; bindkey "^I" complete-word; print rea""dy'
await ready
zpty -w -n inner "$3"$'\t\x18'
await 'line<*>line'
said=${said##*'line<'}
print -r -- "${said%%'>line'*}"
