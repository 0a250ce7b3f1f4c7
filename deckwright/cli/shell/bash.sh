# Completion of `python build.py …` for Bash 4.4 or newer, where build.py is that of deckwright; every other command line of Python is
# completed as before. It stands best at the end of ~/.bashrc:  python build.py completion bash >> ~/.bashrc

_deckwright() {
    local at=1 script python line word n words=() response kind value head=
    # The script is the first word after the interpreter that is neither an option of its own nor an option's value.
    [[ ${1##*/} == build.py ]] && at=0
    while ((at && at < COMP_CWORD)); do
        case ${COMP_WORDS[at]} in
            -X | -W | --check-hash-based-pycs) ((at += 2)) ;;
            -[cm]* | - | --) break ;;
            -*) ((at += 1)) ;;
            *) break ;;
        esac
    done
    script=${COMP_WORDS[at]//[\"\'\\]/}
    script=${script/#\~\//$HOME/}
    if ((at >= COMP_CWORD)) || [[ ${script##*/} != build.py || ! -f $script || ! -f ${script%build.py}deckwright/cli.py ]]; then
        _deckwright_pass "$@"
        return
    fi
    python=${script%build.py}.venv/bin/python
    [[ -x $python ]] || { ((at)) && python=${1/#\~\//$HOME/} || python=python3; }
    # Bash cuts words at `=` and `:` as well; here are those between the blanks, up to the cursor.
    line=${COMP_LINE:0:COMP_POINT}
    for ((n = 0; n <= COMP_CWORD; n++)); do
        word=${line#"${line%%[![:blank:]]*}"}
        [[ $word == "$line" ]] && ((${#words[@]})) || words+=("")
        ((n < COMP_CWORD)) && line=${word#"${COMP_WORDS[n]}"} && word=${COMP_WORDS[n]}
        words[-1]+=$word
        ((n == at)) && words=("$word")
    done
    [[ ${COMP_WORDS[COMP_CWORD]} == --*=* ]] && head=${COMP_WORDS[COMP_CWORD]%%=*}=
    response=$(env COMP_WORDS="$(IFS=$'\n' && echo "${words[*]}")" COMP_CWORD=$((${#words[@]} - 1)) \
        _DECKWRIGHT_COMPLETE=bash_complete "$python" "$script" 2>/dev/null)
    compopt -o nosort
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$head$value") ;;
        esac
    done <<<"$response"
}

# Completes as if this script were not there.
_deckwright_pass() {
    local name=${1##*/} spec loader status n
    spec=${_deckwright_before[$name]-}
    loader=$(complete -p -D 2>/dev/null)
    if [[ ! $spec && $loader =~ ' -F '([^ ]+) ]]; then # nobody yet, and somebody to be asked who might
        "${BASH_REMATCH[1]}" "$@"
        status=$?
        for n in "$name" "$1"; do
            loader=$(complete -p -- "$n" 2>/dev/null)
            [[ ! $loader || $loader == *' -F _deckwright '* ]] || { spec=$loader && complete -F _deckwright -- "$n"; }
        done
        ((status == 124)) || return "$status"
        _deckwright_before[$name]=$spec
    fi
    if [[ ! $spec ]]; then
        compopt -o bashdefault -o default
        return
    fi
    local -a parts rest=()
    local function=
    eval "parts=($spec)" # Bash quoted it
    for ((n = 1; n < ${#parts[@]} - 1; n++)); do
        case ${parts[n]} in
            -F) function=${parts[++n]} ;;
            -o) compopt -o "${parts[++n]}" ;;
            *) rest+=("${parts[n]}") ;;
        esac
    done
    if [[ $function ]]; then
        "$function" "$@"
    else
        mapfile -t COMPREPLY < <(compgen "${rest[@]}" -- "$2")
    fi
}

_deckwright_register() {
    local name spec
    for name in python python3 python3.{11..19} build.py; do
        spec=$(complete -p "$name" 2>/dev/null)
        [[ ! $spec || $spec == *' -F _deckwright '* ]] || _deckwright_before[$name]=$spec
        complete -F _deckwright "$name"
    done
}

if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    declare -gA _deckwright_before # what completed a command before this script, as `complete -p` tells it
    _deckwright_register
fi
