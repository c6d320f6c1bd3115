# Completion of invite for fish 3, written by: invite completion fish
# It asks the program for candidates. What that prints is data: nothing of it is evaluated.

function __invite_complete
    set -l typed (commandline -ct)
    set -l bare (string replace -r '^[\'"]' '' -- $typed)
    set -l lines (command invite completion complete -- (commandline -opc)[2..-1] "=$bare" 2>/dev/null </dev/null)
    if test "$lines[1]" = files
        set -l lead (string match -r -- '^--[a-z-]+=' $typed)
        __fish_complete_path (string replace -r -- '^--[a-z-]+=' '' $typed) | string replace -r -- '^' "$lead"
    else if set -q lines[2]
        string join \n -- $lines[2..-1]
    end
end

complete -c invite -f -k -a '(__invite_complete)'
