#compdef build.py
# Completion of `python build.py …` for zsh, where build.py is that of deckwright: zsh's own completion of Python hands over what follows
# a script's name. It stands best at the end of ~/.zshrc:  python build.py completion zsh >> ~/.zshrc

_deckwright() {
    local script=${(Q)words[1]}
    script=${script/#\~\//$HOME/}
    if [[ ${script:t} != build.py || ! -f $script || ! -f ${script:h}/deckwright/cli.py ]]; then
        _default
        return
    fi
    local python=${script:h}/.venv/bin/python
    [[ -x $python ]] || python=python3
    local -a before=("${(@)words[1,CURRENT-1]}" "$PREFIX") response plain described
    local kind key help
    response=("${(@f)$(env COMP_WORDS="${(pj:\n:)before}" COMP_CWORD=$((CURRENT - 1)) _DECKWRIGHT_COMPLETE=zsh_complete \
        $python $script 2>/dev/null)}")
    compset -P '--*='
    for kind key help in "${response[@]}"; do
        case $kind in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain) [[ $help == _ ]] && plain+=("$key") || described+=("$key:$help") ;;
        esac
    done
    (( $#described )) && _describe -V unsorted described
    (( $#plain )) && compadd -V unsorted -a plain
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _deckwright "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    compdef _deckwright build.py
fi
