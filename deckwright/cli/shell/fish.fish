# Completion of `python build.py …` for fish, where build.py is that of deckwright, beside fish's own completion of Python:
#   python build.py completion fish > ~/.config/fish/conf.d/deckwright.fish

# The words up to the cursor from the script's name on, one a line; fails where it is no build.py of deckwright.
function __deckwright_words
    set -l words (commandline -opc)
    if test (path basename -- $words[1]) != build.py
        set -e words[1]
        while string match -q -- '-*' $words[1]
            string match -qr -- '^(-[cm]|-$|--$)' $words[1]; and return 1
            contains -- $words[1] -X -W --check-hash-based-pycs; and set -e words[1]
            set -e words[1]
        end
    end
    set -q words[1]; or return 1
    set words[1] (string replace -r '^~/' "$HOME/" -- $words[1])
    test (path basename -- $words[1]) = build.py -a -f $words[1]; or return 1
    test -f (path dirname -- $words[1])/deckwright/cli.py; or return 1
    printf '%s\n' $words
end

function __deckwright_complete
    set -l words (__deckwright_words); or return
    set -l word (commandline -ct)
    set -l python (path dirname -- $words[1])/.venv/bin/python
    test -x $python; or set python python3
    set -l head (string match -r -- '^--[^=]*=' $word)
    for line in (env COMP_WORDS=(string join ' ' -- (string escape -- $words) $word) COMP_CWORD=$word _DECKWRIGHT_COMPLETE=fish_complete $python $words[1] 2>/dev/null)
        set -l parts (string split -m 1 , -- $line)
        switch $parts[1]
            case dir
                __fish_complete_directories (string replace -- "$head" '' $word) ''
            case file
                __fish_complete_path (string replace -- "$head" '' $word)
            case plain
                printf '%s\n' "$head$parts[2]"
        end
    end
end

for command in python python3 python3.{11,12,13,14,15,16,17,18,19} build.py
    complete --command $command --condition '__deckwright_words >/dev/null' --no-files --keep-order --arguments '(__deckwright_complete)'
end
