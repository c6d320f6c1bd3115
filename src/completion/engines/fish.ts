/** The part of the fish script that is the same whatever the commands are. */
export const fishEngine = `# The command that the words before the cursor lead to, and how many arguments stand there.
function __invite_follow
    set -l path ''
    set -l count 0
    set -l option ''
    set -l ended ''
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option ''
        else if test -n "$ended"; or not string match -q -- '-*' $word
            set -l next ''
            test $count -eq 0; and set next (__invite_command "$path $word")
            if test -n "$next"
                set path $next
            else
                set count (math $count + 1)
            end
        else if test "$word" = --
            set ended yes
        else if __invite_takes_value "$path $word"
            set option $word
        end
    end
    echo $path
    echo $count
end

# Whether the cursor is in this command, with at most so many arguments before it.
function __invite_at
    set -l place (__invite_follow)
    test "$place[1]" = "$argv[1]"; and test -z "$argv[2]" -o "$place[2]" -le "$argv[2]"
end

# What only the program knows. It prints data, a line each: fish takes it as it is.
function __invite_ask
    set -l typed (commandline -ct | string replace -r '^--[a-z-]+=' '')
    command invite completion candidates $argv[1] --typed="$typed" -- (commandline -opc)[2..-1] 2>/dev/null </dev/null
end

# Several, with commas between them.
function __invite_list
    set -l before (commandline -ct | string replace -r '^--[a-z-]+=' '' | string match -r '^.*,')
    for word in (__invite_words $argv[1])
        echo "$before$word"
    end
end

# A role, which an @ and a scope may follow.
function __invite_role
    set -l role (commandline -ct | string replace -r '^--[a-z-]+=' '' | string match -r '^[^@]*@')
    if test -n "$role"
        for scope in $__invite_scopes
            echo "$role$scope"
        end
    else
        __invite_words $argv[1]
    end
end

complete -c invite -f
`;
