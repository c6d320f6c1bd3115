# Completion of invite for fish, written by: invite completion fish

# The command that a word leads to from another.
function __invite_command
    switch "$argv[1]"
        case ' create'
            echo 'create'
        case ' get' ' show'
            echo 'get'
        case ' list' ' ls'
            echo 'list'
        case ' delete' ' rm'
            echo 'delete'
        case ' resend'
            echo 'resend'
        case ' import'
            echo 'import'
        case ' wait'
            echo 'wait'
        case ' report'
            echo 'report'
        case ' auth'
            echo 'auth'
        case ' sandbox'
            echo 'sandbox'
        case ' doctor'
            echo 'doctor'
        case ' completion'
            echo 'completion'
        case ' help'
            echo 'help'
        case 'auth login'
            echo 'auth login'
        case 'auth logout'
            echo 'auth logout'
        case 'auth status'
            echo 'auth status'
        case 'auth list' 'auth ls'
            echo 'auth list'
        case 'auth use'
            echo 'auth use'
        case 'sandbox start'
            echo 'sandbox start'
        case 'sandbox seed'
            echo 'sandbox seed'
        case 'sandbox add'
            echo 'sandbox add'
        case 'sandbox accept'
            echo 'sandbox accept'
        case 'sandbox expire'
            echo 'sandbox expire'
        case 'sandbox reset'
            echo 'sandbox reset'
    end
end

# Whether the word after this option is its value.
function __invite_takes_value
    switch "$argv[1]"
        case '* -p' '* --profile'
            return 0
        case '* --endpoint'
            return 0
        case '* -o' '* --output'
            return 0
        case '* --fields'
            return 0
        case '* --color'
            return 0
        case '* --timeout'
            return 0
        case '* --retries'
            return 0
        case 'create --auth-type'
            return 0
        case 'create --role'
            return 0
        case 'create --concurrency'
            return 0
        case 'list --email'
            return 0
        case 'list -s' 'list --status'
            return 0
        case 'list --user'
            return 0
        case 'list --creator'
            return 0
        case 'list --domain'
            return 0
        case 'list --expiring'
            return 0
        case 'list --older-than'
            return 0
        case 'list --newer-than'
            return 0
        case 'list --sort'
            return 0
        case 'list --limit'
            return 0
        case 'delete --email'
            return 0
        case 'delete -s' 'delete --status'
            return 0
        case 'delete --user'
            return 0
        case 'delete --creator'
            return 0
        case 'delete --domain'
            return 0
        case 'delete --expiring'
            return 0
        case 'delete --older-than'
            return 0
        case 'delete --newer-than'
            return 0
        case 'delete --concurrency'
            return 0
        case 'resend --email'
            return 0
        case 'resend -s' 'resend --status'
            return 0
        case 'resend --user'
            return 0
        case 'resend --creator'
            return 0
        case 'resend --domain'
            return 0
        case 'resend --expiring'
            return 0
        case 'resend --older-than'
            return 0
        case 'resend --newer-than'
            return 0
        case 'resend --concurrency'
            return 0
        case 'import --auth-type'
            return 0
        case 'import --role'
            return 0
        case 'import --concurrency'
            return 0
        case 'wait --for'
            return 0
        case 'auth login --api-key'
            return 0
        case 'auth login --api-secret-file'
            return 0
        case 'auth login --secret-command'
            return 0
        case 'sandbox start --port'
            return 0
        case 'sandbox start --latency'
            return 0
        case 'sandbox start --rate'
            return 0
        case 'sandbox start --fail'
            return 0
        case 'sandbox start --switch'
            return 0
        case 'sandbox seed --count'
            return 0
        case 'sandbox seed --members'
            return 0
        case 'sandbox seed --sso-members'
            return 0
        case 'sandbox seed --left'
            return 0
        case 'sandbox seed --role-bindings'
            return 0
        case 'sandbox seed --principals'
            return 0
        case 'sandbox seed --api-keys'
            return 0
        case 'sandbox add --state'
            return 0
        case 'sandbox add --role'
            return 0
        case 'sandbox add --api-keys'
            return 0
        case '*'
            return 1
    end
end

# The words that are known beforehand, for the command before the cursor.
function __invite_words
    switch "$argv[1] "(__invite_follow)[1]
        case 'output report*'
            printf '%s\n' 'table' 'json' 'ndjson' 'csv' 'yaml' 'id' 'markdown'
        case 'output *'
            printf '%s\n' 'table' 'json' 'ndjson' 'csv' 'yaml' 'id'
        case 'fields create*'
            printf '%s\n' 'id' 'email' 'status' 'state' 'auth_type' 'expires_at' 'accepted_at' 'user' 'user.id' 'user.related' 'user.resource_name' 'user.api_version' 'user.kind' 'creator' 'creator.id' 'creator.related' 'creator.resource_name' 'creator.api_version' 'creator.kind' 'metadata' 'metadata.self' 'metadata.resource_name' 'metadata.created_at' 'metadata.updated_at' 'metadata.deleted_at' 'api_version' 'kind' 'outcome' 'roles' 'error' 'error.code' 'error.message' 'reconciled' 'dry_run' 'done_earlier' 'location'
        case 'fields delete*'
            printf '%s\n' 'id' 'email' 'status' 'state' 'auth_type' 'expires_at' 'accepted_at' 'user' 'user.id' 'user.related' 'user.resource_name' 'user.api_version' 'user.kind' 'creator' 'creator.id' 'creator.related' 'creator.resource_name' 'creator.api_version' 'creator.kind' 'metadata' 'metadata.self' 'metadata.resource_name' 'metadata.created_at' 'metadata.updated_at' 'metadata.deleted_at' 'api_version' 'kind' 'outcome' 'roles' 'error' 'error.code' 'error.message' 'reconciled' 'dry_run' 'done_earlier' 'location'
        case 'fields resend*'
            printf '%s\n' 'id' 'email' 'status' 'state' 'auth_type' 'expires_at' 'accepted_at' 'user' 'user.id' 'user.related' 'user.resource_name' 'user.api_version' 'user.kind' 'creator' 'creator.id' 'creator.related' 'creator.resource_name' 'creator.api_version' 'creator.kind' 'metadata' 'metadata.self' 'metadata.resource_name' 'metadata.created_at' 'metadata.updated_at' 'metadata.deleted_at' 'api_version' 'kind' 'outcome' 'roles' 'error' 'error.code' 'error.message' 'reconciled' 'dry_run' 'done_earlier' 'location'
        case 'fields import*'
            printf '%s\n' 'id' 'email' 'status' 'state' 'auth_type' 'expires_at' 'accepted_at' 'user' 'user.id' 'user.related' 'user.resource_name' 'user.api_version' 'user.kind' 'creator' 'creator.id' 'creator.related' 'creator.resource_name' 'creator.api_version' 'creator.kind' 'metadata' 'metadata.self' 'metadata.resource_name' 'metadata.created_at' 'metadata.updated_at' 'metadata.deleted_at' 'api_version' 'kind' 'outcome' 'roles' 'error' 'error.code' 'error.message' 'reconciled' 'dry_run' 'done_earlier' 'location'
        case 'fields auth status*'
            printf '%s\n' 'source' 'profile' 'api_key' 'secret' 'endpoint' 'created_at' 'shadowed'
        case 'fields auth*'
            printf '%s\n' 'profile' 'current' 'api_key' 'secret' 'endpoint' 'created_at'
        case 'fields sandbox seed*'
            printf '%s\n' 'outcome' 'count' 'dry_run'
        case 'fields sandbox reset*'
            printf '%s\n' 'outcome' 'count' 'dry_run'
        case 'fields sandbox add*'
            printf '%s\n' 'email' 'state' 'user' 'invitation' 'dry_run'
        case 'fields wait*'
            printf '%s\n' 'id' 'email' 'status' 'state' 'auth_type' 'expires_at' 'accepted_at' 'user' 'user.id' 'user.related' 'user.resource_name' 'user.api_version' 'user.kind' 'creator' 'creator.id' 'creator.related' 'creator.resource_name' 'creator.api_version' 'creator.kind' 'metadata' 'metadata.self' 'metadata.resource_name' 'metadata.created_at' 'metadata.updated_at' 'metadata.deleted_at' 'api_version' 'kind' 'outcome' 'error' 'error.code' 'error.message'
        case 'fields doctor*'
            printf '%s\n' 'id' 'title' 'status' 'detail' 'remedy' 'code'
        case 'fields report*'
            printf '%s\n' 'generated_at' 'total' 'by_state' 'pending_by_age' 'expiring' 'time_to_acceptance' 'by_domain' 'by_inviter'
        case 'fields *'
            printf '%s\n' 'id' 'email' 'status' 'state' 'auth_type' 'expires_at' 'accepted_at' 'user' 'user.id' 'user.related' 'user.resource_name' 'user.api_version' 'user.kind' 'creator' 'creator.id' 'creator.related' 'creator.resource_name' 'creator.api_version' 'creator.kind' 'metadata' 'metadata.self' 'metadata.resource_name' 'metadata.created_at' 'metadata.updated_at' 'metadata.deleted_at' 'api_version' 'kind'
        case 'color *'
            printf '%s\n' 'auto' 'always' 'never'
        case 'create_authType *'
            printf '%s\n' 'sso' 'local'
        case 'role *'
            printf '%s\n' 'OrganizationAdmin' 'AccountAdmin' 'BillingAdmin' 'EnvironmentAdmin' 'CloudClusterAdmin' 'NetworkAdmin' 'Operator' 'MetricsViewer' 'ResourceOwner' 'ResourceKeyAdmin' 'DeveloperRead' 'DeveloperWrite' 'DeveloperManage' 'KsqlAdmin' 'DataDiscovery' 'DataSteward' 'FlinkAdmin' 'FlinkDeveloper' 'Assigner' 'ClusterLinkConnection'
        case 'status *'
            printf '%s\n' 'sent' 'staged' 'accepted' 'expired' 'deactivated'
        case 'sort *'
            printf '%s\n' 'id' 'email' 'status' 'state' 'auth_type' 'expires_at' 'accepted_at' 'user' 'user.id' 'user.related' 'user.resource_name' 'user.api_version' 'user.kind' 'creator' 'creator.id' 'creator.related' 'creator.resource_name' 'creator.api_version' 'creator.kind' 'metadata' 'metadata.self' 'metadata.resource_name' 'metadata.created_at' 'metadata.updated_at' 'metadata.deleted_at' 'api_version' 'kind'
        case 'import_authType *'
            printf '%s\n' 'sso' 'local'
        case 'wait_for *'
            printf '%s\n' 'accepted' 'pending' 'expired' 'deactivated'
        case 'sandbox_add_state *'
            printf '%s\n' 'pending' 'staged' 'expired' 'deactivated' 'accepted' 'left' 'member' 'sso_member'
        case 'completion_shell *'
            printf '%s\n' 'bash' 'zsh' 'fish' 'powershell'
        case 'topic *'
            printf '%s\n' 'create	invite people' 'get	show one invitation' 'list	list invitations' 'delete	revoke invitations' 'resend	mail invitations again' 'wait	wait until invitations are accepted' 'report	counts, ages, time to acceptance' 'auth	keys and profiles' 'sandbox	the built-in API, to try and to test with' 'doctor	what is wrong with my setup' 'completion	what makes a shell complete invite' 'help	explain a command or a topic' 'environment	the variables that are read' 'exit-codes	what a script can tell from the exit code' 'output	formats, fields, and which stream carries what' 'profiles	keys, where they are kept, and which one is used' 'import	the file that "invite import" reads' 'roles	the names of roles, and how far a role reaches'
    end
end

set -g __invite_scopes 'env-' 'crn://confluent.cloud/organization='

# The command that the words before the cursor lead to, and how many arguments stand there.
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

# invite
complete -c invite -n '__invite_at \'\' 0' -a create -d 'invite people'
complete -c invite -n '__invite_at \'\' 0' -a get -d 'show one invitation'
complete -c invite -n '__invite_at \'\' 0' -a list -d 'list invitations'
complete -c invite -n '__invite_at \'\' 0' -a delete -d 'revoke invitations'
complete -c invite -n '__invite_at \'\' 0' -a resend -d 'mail invitations again'
complete -c invite -n '__invite_at \'\' 0' -a import -d 'invite everybody in a file'
complete -c invite -n '__invite_at \'\' 0' -a wait -d 'wait until invitations are accepted'
complete -c invite -n '__invite_at \'\' 0' -a report -d 'counts, ages, time to acceptance'
complete -c invite -n '__invite_at \'\' 0' -a auth -d 'keys and profiles'
complete -c invite -n '__invite_at \'\' 0' -a sandbox -d 'the built-in API, to try and to test with'
complete -c invite -n '__invite_at \'\' 0' -a doctor -d 'what is wrong with my setup'
complete -c invite -n '__invite_at \'\' 0' -a completion -d 'what makes a shell complete invite'
complete -c invite -n '__invite_at \'\' 0' -a help -d 'explain a command or a topic'
complete -c invite -s p -l profile -x -a '(__invite_ask profiles)' -d 'use this profile; "sandbox" is built in and needs no key'
complete -c invite -l endpoint -x -d 'talk to this API'
complete -c invite -s o -l output -x -a '(__invite_words output)' -d 'table, json, ndjson, csv, yaml, id'
complete -c invite -l json -d 'the same as -o json'
complete -c invite -l fields -x -a '(__invite_list fields)' -d 'these fields, in this order; dots reach inside'
complete -c invite -l csv-raw -d 'leave csv cells that a spreadsheet would run as they are'
complete -c invite -s q -l quiet -d 'no hints, no progress'
complete -c invite -l color -x -a '(__invite_words color)' -d 'auto, always or never'
complete -c invite -l no-color -d 'the same as --color never'
complete -c invite -l no-github -d 'write nothing for a GitHub workflow'
complete -c invite -l no-input -d 'never ask anything'
complete -c invite -l timeout -x -d 'end the whole command after this long'
complete -c invite -l retries -x -d 'try again at most so often'
complete -c invite -l debug -d 'log HTTP on stderr, secrets left out'
complete -c invite -s V -l version -d 'show the version'
complete -c invite -s h -l help -d 'show help'

# invite create
complete -c invite -n '__invite_at \'create\'' -l auth-type -x -a '(__invite_words create_authType)' -d 'how they sign in'
complete -c invite -n '__invite_at \'create\'' -l role -x -a '(__invite_role role)' -d 'grant a role at once (repeatable)'
complete -c invite -n '__invite_at \'create\'' -l strict -d 'fail if somebody is invited or a member already'
complete -c invite -n '__invite_at \'create\'' -l again -d 'mail also whoever is invited, or was mailed from this machine, already'
complete -c invite -n '__invite_at \'create\'' -l allow-unicode -d 'admit addresses with letters beyond ASCII'
complete -c invite -n '__invite_at \'create\'' -l concurrency -x -d 'do at most so many at once, 1 to 32 (default: 4)'
complete -c invite -n '__invite_at \'create\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'create\'' -s n -l dry-run -d 'show what would be done, send no change'

# invite get
complete -c invite -n '__invite_at \'get\' 0' -a '(__invite_ask get)'

# invite list
complete -c invite -n '__invite_at \'list\'' -l email -x -a '(__invite_ask email)' -d 'of this address'
complete -c invite -n '__invite_at \'list\'' -s s -l status -x -a '(__invite_words status)' -d 'sent, staged, accepted, expired or deactivated (repeatable)'
complete -c invite -n '__invite_at \'list\'' -l user -x -d 'that made this user'
complete -c invite -n '__invite_at \'list\'' -l creator -x -d 'sent by this user or service account'
complete -c invite -n '__invite_at \'list\'' -l domain -x -d 'with an e-mail of this domain'
complete -c invite -n '__invite_at \'list\'' -l expiring -x -d 'pending, and expiring within'
complete -c invite -n '__invite_at \'list\'' -l older-than -x -d 'created longer ago'
complete -c invite -n '__invite_at \'list\'' -l newer-than -x -d 'created less long ago'
complete -c invite -n '__invite_at \'list\'' -l sort -x -a '(__invite_words sort)' -d 'sort by a field; the order of the API is not documented'
complete -c invite -n '__invite_at \'list\'' -l reverse -d 'the other way round'
complete -c invite -n '__invite_at \'list\'' -l limit -x -d 'at most so many'
complete -c invite -n '__invite_at \'list\'' -l unordered -d 'read all statuses at once: faster on a slow link, in no order'

# invite delete
complete -c invite -n '__invite_at \'delete\'' -l email -x -a '(__invite_ask email)' -d 'of this address'
complete -c invite -n '__invite_at \'delete\'' -s s -l status -x -a '(__invite_words status)' -d 'sent, staged, accepted, expired or deactivated (repeatable)'
complete -c invite -n '__invite_at \'delete\'' -l user -x -d 'that made this user'
complete -c invite -n '__invite_at \'delete\'' -l creator -x -d 'sent by this user or service account'
complete -c invite -n '__invite_at \'delete\'' -l domain -x -d 'with an e-mail of this domain'
complete -c invite -n '__invite_at \'delete\'' -l expiring -x -d 'pending, and expiring within'
complete -c invite -n '__invite_at \'delete\'' -l older-than -x -d 'created longer ago'
complete -c invite -n '__invite_at \'delete\'' -l newer-than -x -d 'created less long ago'
complete -c invite -n '__invite_at \'delete\'' -l remove-user -d 'where the invitation was accepted, delete the user who accepted it'
complete -c invite -n '__invite_at \'delete\'' -l if-exists -d 'a missing invitation is no failure'
complete -c invite -n '__invite_at \'delete\'' -l concurrency -x -d 'do at most so many at once, 1 to 32 (default: 4)'
complete -c invite -n '__invite_at \'delete\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'delete\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'delete\'' -a '(__invite_ask delete)'

# invite resend
complete -c invite -n '__invite_at \'resend\'' -l email -x -a '(__invite_ask email)' -d 'of this address'
complete -c invite -n '__invite_at \'resend\'' -s s -l status -x -a '(__invite_words status)' -d 'sent, staged, accepted, expired or deactivated (repeatable)'
complete -c invite -n '__invite_at \'resend\'' -l user -x -d 'that made this user'
complete -c invite -n '__invite_at \'resend\'' -l creator -x -d 'sent by this user or service account'
complete -c invite -n '__invite_at \'resend\'' -l domain -x -d 'with an e-mail of this domain'
complete -c invite -n '__invite_at \'resend\'' -l expiring -x -d 'pending, and expiring within'
complete -c invite -n '__invite_at \'resend\'' -l older-than -x -d 'created longer ago'
complete -c invite -n '__invite_at \'resend\'' -l newer-than -x -d 'created less long ago'
complete -c invite -n '__invite_at \'resend\'' -l concurrency -x -d 'do at most so many at once, 1 to 32 (default: 4)'
complete -c invite -n '__invite_at \'resend\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'resend\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'resend\'' -a '(__invite_ask resend)'

# invite import
complete -c invite -n '__invite_at \'import\'' -l auth-type -x -a '(__invite_words import_authType)' -d 'how they sign in, where a row does not say'
complete -c invite -n '__invite_at \'import\'' -l role -x -a '(__invite_role role)' -d 'grant a role to everybody (repeatable)'
complete -c invite -n '__invite_at \'import\'' -l allow-unicode -d 'admit addresses with letters beyond ASCII'
complete -c invite -n '__invite_at \'import\'' -l concurrency -x -d 'do at most so many at once, 1 to 32 (default: 4)'
complete -c invite -n '__invite_at \'import\'' -l restart -d 'forget what earlier runs did, and look at everybody again'
complete -c invite -n '__invite_at \'import\'' -l force-unlock -d 'go on although another import of this file seems to be running'
complete -c invite -n '__invite_at \'import\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'import\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'import\' 0' -F

# invite wait
complete -c invite -n '__invite_at \'wait\'' -l for -x -a '(__invite_words wait_for)' -d 'wait for this state'
complete -c invite -n '__invite_at \'wait\'' -a '(__invite_ask wait)'

# invite report

# invite auth
complete -c invite -n '__invite_at \'auth\' 0' -a login -d 'store a Cloud API key as a profile'
complete -c invite -n '__invite_at \'auth\' 0' -a logout -d 'forget a profile'
complete -c invite -n '__invite_at \'auth\' 0' -a status -d 'who you are, and why'
complete -c invite -n '__invite_at \'auth\' 0' -a list -d 'list the profiles'
complete -c invite -n '__invite_at \'auth\' 0' -a use -d 'make a profile the current one'

# invite auth login
complete -c invite -n '__invite_at \'auth login\'' -l api-key -x -d 'the id of the key; asked for if left out'
complete -c invite -n '__invite_at \'auth login\'' -l api-secret-stdin -d 'read the secret from stdin'
complete -c invite -n '__invite_at \'auth login\'' -l api-secret-file -r -F -d 'read the secret from a file'
complete -c invite -n '__invite_at \'auth login\'' -l secret-command -x -d 'store no secret, but a program that prints it'
complete -c invite -n '__invite_at \'auth login\'' -l no-verify -d 'save without asking the API'
complete -c invite -n '__invite_at \'auth login\'' -l no-use -d 'leave the current profile as it is'
complete -c invite -n '__invite_at \'auth login\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'auth login\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'auth login\' 0' -a '(__invite_ask profiles)'

# invite auth logout
complete -c invite -n '__invite_at \'auth logout\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'auth logout\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'auth logout\' 0' -a '(__invite_ask profiles)'

# invite auth status

# invite auth list

# invite auth use
complete -c invite -n '__invite_at \'auth use\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'auth use\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'auth use\' 0' -a '(__invite_ask profiles)'

# invite sandbox
complete -c invite -n '__invite_at \'sandbox\' 0' -a start -d 'serve the sandbox to other programs'
complete -c invite -n '__invite_at \'sandbox\' 0' -a seed -d 'fill the sandbox with made-up people'
complete -c invite -n '__invite_at \'sandbox\' 0' -a add -d 'put a person into the sandbox'
complete -c invite -n '__invite_at \'sandbox\' 0' -a accept -d 'let somebody accept their invitation'
complete -c invite -n '__invite_at \'sandbox\' 0' -a expire -d 'let an invitation run out of time'
complete -c invite -n '__invite_at \'sandbox\' 0' -a reset -d 'empty the sandbox'

# invite sandbox start
complete -c invite -n '__invite_at \'sandbox start\'' -l port -x -d '0 takes one that is free'
complete -c invite -n '__invite_at \'sandbox start\'' -l latency -x -d 'wait before each answer'
complete -c invite -n '__invite_at \'sandbox start\'' -l rate -x -d 'requests a second, more get 429'
complete -c invite -n '__invite_at \'sandbox start\'' -l fail -x -d 'share of requests that break, from 0 to 1'
complete -c invite -n '__invite_at \'sandbox start\'' -l switch -x -d 'how the API decides what is not documented; repeatable'

# invite sandbox seed
complete -c invite -n '__invite_at \'sandbox seed\'' -l count -x -d 'invitations (else 20, or 0 beside others)'
complete -c invite -n '__invite_at \'sandbox seed\'' -l members -x -d 'local members, not invited'
complete -c invite -n '__invite_at \'sandbox seed\'' -l sso-members -x -d 'members by single sign-on, not invited'
complete -c invite -n '__invite_at \'sandbox seed\'' -l left -x -d 'people who accepted and have left since'
complete -c invite -n '__invite_at \'sandbox seed\'' -l role-bindings -x -d 'role bindings of the members, in turn'
complete -c invite -n '__invite_at \'sandbox seed\'' -l principals -x -d 'role bindings of machines and groups'
complete -c invite -n '__invite_at \'sandbox seed\'' -l api-keys -x -d 'API keys of the members, in turn'
complete -c invite -n '__invite_at \'sandbox seed\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'sandbox seed\'' -s n -l dry-run -d 'show what would be done, send no change'

# invite sandbox add
complete -c invite -n '__invite_at \'sandbox add\'' -l state -x -a '(__invite_words sandbox_add_state)' -d 'where they stand'
complete -c invite -n '__invite_at \'sandbox add\'' -l role -x -a '(__invite_role role)' -d 'a role that they hold (repeatable)'
complete -c invite -n '__invite_at \'sandbox add\'' -l api-keys -x -d 'how many API keys they own'
complete -c invite -n '__invite_at \'sandbox add\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'sandbox add\'' -s n -l dry-run -d 'show what would be done, send no change'

# invite sandbox accept
complete -c invite -n '__invite_at \'sandbox accept\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'sandbox accept\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'sandbox accept\' 0' -a '(__invite_ask sandbox)'

# invite sandbox expire
complete -c invite -n '__invite_at \'sandbox expire\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'sandbox expire\'' -s n -l dry-run -d 'show what would be done, send no change'
complete -c invite -n '__invite_at \'sandbox expire\' 0' -a '(__invite_ask sandbox)'

# invite sandbox reset
complete -c invite -n '__invite_at \'sandbox reset\'' -s y -l yes -d 'ask nothing, do it'
complete -c invite -n '__invite_at \'sandbox reset\'' -s n -l dry-run -d 'show what would be done, send no change'

# invite doctor

# invite completion
complete -c invite -n '__invite_at \'completion\' 0' -a '(__invite_words completion_shell)'

# invite help
complete -c invite -n '__invite_at \'help\'' -a '(__invite_words topic)'

