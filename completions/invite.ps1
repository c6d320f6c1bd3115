# Completion of invite for PowerShell, written by: invite completion powershell

Register-ArgumentCompleter -Native -CommandName invite -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # The commands below a command.
    $commands = @{
        '' = @(,@('create', 'invite people'); ,@('get', 'show one invitation'); ,@('list', 'list invitations'); ,@('delete', 'revoke invitations'); ,@('resend', 'mail invitations again'); ,@('import', 'invite everybody in a file'); ,@('wait', 'wait until invitations are accepted'); ,@('report', 'counts, ages, time to acceptance'); ,@('auth', 'keys and profiles'); ,@('sandbox', 'the built-in API, to try and to test with'); ,@('doctor', 'what is wrong with my setup'); ,@('completion', 'what makes a shell complete invite'); ,@('help', 'explain a command or a topic'))
        'auth' = @(,@('login', 'store a Cloud API key as a profile'); ,@('logout', 'forget a profile'); ,@('status', 'who you are, and why'); ,@('list', 'list the profiles'); ,@('use', 'make a profile the current one'))
        'sandbox' = @(,@('start', 'serve the sandbox to other programs'); ,@('seed', 'fill the sandbox with made-up people'); ,@('add', 'put a person into the sandbox'); ,@('accept', 'let somebody accept their invitation'); ,@('expire', 'let an invitation run out of time'); ,@('reset', 'empty the sandbox'))
    }

    # The command that a word leads to from another.
    $steps = @{
        ' create' = 'create'
        ' get' = 'get'
        ' show' = 'get'
        ' list' = 'list'
        ' ls' = 'list'
        ' delete' = 'delete'
        ' rm' = 'delete'
        ' resend' = 'resend'
        ' import' = 'import'
        ' wait' = 'wait'
        ' report' = 'report'
        ' auth' = 'auth'
        ' sandbox' = 'sandbox'
        ' doctor' = 'doctor'
        ' completion' = 'completion'
        ' help' = 'help'
        'auth login' = 'auth login'
        'auth logout' = 'auth logout'
        'auth status' = 'auth status'
        'auth list' = 'auth list'
        'auth ls' = 'auth list'
        'auth use' = 'auth use'
        'sandbox start' = 'sandbox start'
        'sandbox seed' = 'sandbox seed'
        'sandbox add' = 'sandbox add'
        'sandbox accept' = 'sandbox accept'
        'sandbox expire' = 'sandbox expire'
        'sandbox reset' = 'sandbox reset'
    }

    # The options of a command, without those of all.
    $options = @{
        '' = @(,@('--profile', 'use this profile; "sandbox" is built in and needs no key'); ,@('--endpoint', 'talk to this API'); ,@('--output', 'table, json, ndjson, csv, yaml, id'); ,@('--json', 'the same as -o json'); ,@('--fields', 'these fields, in this order; dots reach inside'); ,@('--csv-raw', 'leave csv cells that a spreadsheet would run as they are'); ,@('--quiet', 'no hints, no progress'); ,@('--color', 'auto, always or never'); ,@('--no-color', 'the same as --color never'); ,@('--no-github', 'write nothing for a GitHub workflow'); ,@('--no-input', 'never ask anything'); ,@('--timeout', 'end the whole command after this long'); ,@('--retries', 'try again at most so often'); ,@('--debug', 'log HTTP on stderr, secrets left out'); ,@('--version', 'show the version'); ,@('--help', 'show help'))
        'create' = @(,@('--auth-type', 'how they sign in'); ,@('--role', 'grant a role at once (repeatable)'); ,@('--strict', 'fail if somebody is invited or a member already'); ,@('--again', 'mail also whoever is invited, or was mailed from this machine, already'); ,@('--allow-unicode', 'admit addresses with letters beyond ASCII'); ,@('--concurrency', 'do at most so many at once, 1 to 32 (default: 4)'); ,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'list' = @(,@('--email', 'of this address'); ,@('--status', 'sent, staged, accepted, expired or deactivated (repeatable)'); ,@('--user', 'that made this user'); ,@('--creator', 'sent by this user or service account'); ,@('--domain', 'with an e-mail of this domain'); ,@('--expiring', 'pending, and expiring within'); ,@('--older-than', 'created longer ago'); ,@('--newer-than', 'created less long ago'); ,@('--sort', 'sort by a field; the order of the API is not documented'); ,@('--reverse', 'the other way round'); ,@('--limit', 'at most so many'); ,@('--unordered', 'read all statuses at once: faster on a slow link, in no order'))
        'delete' = @(,@('--email', 'of this address'); ,@('--status', 'sent, staged, accepted, expired or deactivated (repeatable)'); ,@('--user', 'that made this user'); ,@('--creator', 'sent by this user or service account'); ,@('--domain', 'with an e-mail of this domain'); ,@('--expiring', 'pending, and expiring within'); ,@('--older-than', 'created longer ago'); ,@('--newer-than', 'created less long ago'); ,@('--remove-user', 'where the invitation was accepted, delete the user who accepted it'); ,@('--if-exists', 'a missing invitation is no failure'); ,@('--concurrency', 'do at most so many at once, 1 to 32 (default: 4)'); ,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'resend' = @(,@('--email', 'of this address'); ,@('--status', 'sent, staged, accepted, expired or deactivated (repeatable)'); ,@('--user', 'that made this user'); ,@('--creator', 'sent by this user or service account'); ,@('--domain', 'with an e-mail of this domain'); ,@('--expiring', 'pending, and expiring within'); ,@('--older-than', 'created longer ago'); ,@('--newer-than', 'created less long ago'); ,@('--concurrency', 'do at most so many at once, 1 to 32 (default: 4)'); ,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'import' = @(,@('--auth-type', 'how they sign in, where a row does not say'); ,@('--role', 'grant a role to everybody (repeatable)'); ,@('--allow-unicode', 'admit addresses with letters beyond ASCII'); ,@('--concurrency', 'do at most so many at once, 1 to 32 (default: 4)'); ,@('--restart', 'forget what earlier runs did, and look at everybody again'); ,@('--force-unlock', 'go on although another import of this file seems to be running'); ,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'wait' = @(,@('--for', 'wait for this state'))
        'auth login' = @(,@('--api-key', 'the id of the key; asked for if left out'); ,@('--api-secret-stdin', 'read the secret from stdin'); ,@('--api-secret-file', 'read the secret from a file'); ,@('--secret-command', 'store no secret, but a program that prints it'); ,@('--no-verify', 'save without asking the API'); ,@('--no-use', 'leave the current profile as it is'); ,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'auth logout' = @(,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'auth use' = @(,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'sandbox start' = @(,@('--port', '0 takes one that is free'); ,@('--latency', 'wait before each answer'); ,@('--rate', 'requests a second, more get 429'); ,@('--fail', 'share of requests that break, from 0 to 1'); ,@('--switch', 'how the API decides what is not documented; repeatable'))
        'sandbox seed' = @(,@('--count', 'invitations (else 20, or 0 beside others)'); ,@('--members', 'local members, not invited'); ,@('--sso-members', 'members by single sign-on, not invited'); ,@('--left', 'people who accepted and have left since'); ,@('--role-bindings', 'role bindings of the members, in turn'); ,@('--principals', 'role bindings of machines and groups'); ,@('--api-keys', 'API keys of the members, in turn'); ,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'sandbox add' = @(,@('--state', 'where they stand'); ,@('--role', 'a role that they hold (repeatable)'); ,@('--api-keys', 'how many API keys they own'); ,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'sandbox accept' = @(,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'sandbox expire' = @(,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
        'sandbox reset' = @(,@('--yes', 'ask nothing, do it'); ,@('--dry-run', 'show what would be done, send no change'))
    }

    # Where the value of an option comes from; those of all commands have no command before them.
    $values = @{
        ' -p' = 'asked profiles'
        ' --profile' = 'asked profiles'
        ' --endpoint' = 'nothing'
        ' -o' = 'word output'
        ' --output' = 'word output'
        ' --fields' = 'list fields'
        ' --color' = 'word color'
        ' --timeout' = 'nothing'
        ' --retries' = 'nothing'
        'create --auth-type' = 'word create_authType'
        'create --role' = 'role role'
        'create --concurrency' = 'nothing'
        'list --email' = 'asked email'
        'list -s' = 'word status'
        'list --status' = 'word status'
        'list --user' = 'nothing'
        'list --creator' = 'nothing'
        'list --domain' = 'nothing'
        'list --expiring' = 'nothing'
        'list --older-than' = 'nothing'
        'list --newer-than' = 'nothing'
        'list --sort' = 'word sort'
        'list --limit' = 'nothing'
        'delete --email' = 'asked email'
        'delete -s' = 'word status'
        'delete --status' = 'word status'
        'delete --user' = 'nothing'
        'delete --creator' = 'nothing'
        'delete --domain' = 'nothing'
        'delete --expiring' = 'nothing'
        'delete --older-than' = 'nothing'
        'delete --newer-than' = 'nothing'
        'delete --concurrency' = 'nothing'
        'resend --email' = 'asked email'
        'resend -s' = 'word status'
        'resend --status' = 'word status'
        'resend --user' = 'nothing'
        'resend --creator' = 'nothing'
        'resend --domain' = 'nothing'
        'resend --expiring' = 'nothing'
        'resend --older-than' = 'nothing'
        'resend --newer-than' = 'nothing'
        'resend --concurrency' = 'nothing'
        'import --auth-type' = 'word import_authType'
        'import --role' = 'role role'
        'import --concurrency' = 'nothing'
        'wait --for' = 'word wait_for'
        'auth login --api-key' = 'nothing'
        'auth login --api-secret-file' = 'files'
        'auth login --secret-command' = 'nothing'
        'sandbox start --port' = 'nothing'
        'sandbox start --latency' = 'nothing'
        'sandbox start --rate' = 'nothing'
        'sandbox start --fail' = 'nothing'
        'sandbox start --switch' = 'nothing'
        'sandbox seed --count' = 'nothing'
        'sandbox seed --members' = 'nothing'
        'sandbox seed --sso-members' = 'nothing'
        'sandbox seed --left' = 'nothing'
        'sandbox seed --role-bindings' = 'nothing'
        'sandbox seed --principals' = 'nothing'
        'sandbox seed --api-keys' = 'nothing'
        'sandbox add --state' = 'word sandbox_add_state'
        'sandbox add --role' = 'role role'
        'sandbox add --api-keys' = 'nothing'
    }

    # Where an argument comes from, by its number, or "*" for all.
    $places = @{
        'get 0' = 'asked get'
        'delete *' = 'asked delete'
        'resend *' = 'asked resend'
        'import 0' = 'files'
        'wait *' = 'asked wait'
        'auth login 0' = 'asked profiles'
        'auth logout 0' = 'asked profiles'
        'auth use 0' = 'asked profiles'
        'sandbox accept 0' = 'asked sandbox'
        'sandbox expire 0' = 'asked sandbox'
        'completion 0' = 'word completion_shell'
        'help *' = 'word topic'
    }

    # The words that are known beforehand, for a command and those below it.
    $words = @{
        'output report' = @(,@('table', ''); ,@('json', ''); ,@('ndjson', ''); ,@('csv', ''); ,@('yaml', ''); ,@('id', ''); ,@('markdown', ''))
        'output ' = @(,@('table', ''); ,@('json', ''); ,@('ndjson', ''); ,@('csv', ''); ,@('yaml', ''); ,@('id', ''))
        'fields create' = @(,@('id', ''); ,@('email', ''); ,@('status', ''); ,@('state', ''); ,@('auth_type', ''); ,@('expires_at', ''); ,@('accepted_at', ''); ,@('user', ''); ,@('user.id', ''); ,@('user.related', ''); ,@('user.resource_name', ''); ,@('user.api_version', ''); ,@('user.kind', ''); ,@('creator', ''); ,@('creator.id', ''); ,@('creator.related', ''); ,@('creator.resource_name', ''); ,@('creator.api_version', ''); ,@('creator.kind', ''); ,@('metadata', ''); ,@('metadata.self', ''); ,@('metadata.resource_name', ''); ,@('metadata.created_at', ''); ,@('metadata.updated_at', ''); ,@('metadata.deleted_at', ''); ,@('api_version', ''); ,@('kind', ''); ,@('outcome', ''); ,@('roles', ''); ,@('error', ''); ,@('error.code', ''); ,@('error.message', ''); ,@('reconciled', ''); ,@('dry_run', ''); ,@('done_earlier', ''); ,@('location', ''))
        'fields delete' = @(,@('id', ''); ,@('email', ''); ,@('status', ''); ,@('state', ''); ,@('auth_type', ''); ,@('expires_at', ''); ,@('accepted_at', ''); ,@('user', ''); ,@('user.id', ''); ,@('user.related', ''); ,@('user.resource_name', ''); ,@('user.api_version', ''); ,@('user.kind', ''); ,@('creator', ''); ,@('creator.id', ''); ,@('creator.related', ''); ,@('creator.resource_name', ''); ,@('creator.api_version', ''); ,@('creator.kind', ''); ,@('metadata', ''); ,@('metadata.self', ''); ,@('metadata.resource_name', ''); ,@('metadata.created_at', ''); ,@('metadata.updated_at', ''); ,@('metadata.deleted_at', ''); ,@('api_version', ''); ,@('kind', ''); ,@('outcome', ''); ,@('roles', ''); ,@('error', ''); ,@('error.code', ''); ,@('error.message', ''); ,@('reconciled', ''); ,@('dry_run', ''); ,@('done_earlier', ''); ,@('location', ''))
        'fields resend' = @(,@('id', ''); ,@('email', ''); ,@('status', ''); ,@('state', ''); ,@('auth_type', ''); ,@('expires_at', ''); ,@('accepted_at', ''); ,@('user', ''); ,@('user.id', ''); ,@('user.related', ''); ,@('user.resource_name', ''); ,@('user.api_version', ''); ,@('user.kind', ''); ,@('creator', ''); ,@('creator.id', ''); ,@('creator.related', ''); ,@('creator.resource_name', ''); ,@('creator.api_version', ''); ,@('creator.kind', ''); ,@('metadata', ''); ,@('metadata.self', ''); ,@('metadata.resource_name', ''); ,@('metadata.created_at', ''); ,@('metadata.updated_at', ''); ,@('metadata.deleted_at', ''); ,@('api_version', ''); ,@('kind', ''); ,@('outcome', ''); ,@('roles', ''); ,@('error', ''); ,@('error.code', ''); ,@('error.message', ''); ,@('reconciled', ''); ,@('dry_run', ''); ,@('done_earlier', ''); ,@('location', ''))
        'fields import' = @(,@('id', ''); ,@('email', ''); ,@('status', ''); ,@('state', ''); ,@('auth_type', ''); ,@('expires_at', ''); ,@('accepted_at', ''); ,@('user', ''); ,@('user.id', ''); ,@('user.related', ''); ,@('user.resource_name', ''); ,@('user.api_version', ''); ,@('user.kind', ''); ,@('creator', ''); ,@('creator.id', ''); ,@('creator.related', ''); ,@('creator.resource_name', ''); ,@('creator.api_version', ''); ,@('creator.kind', ''); ,@('metadata', ''); ,@('metadata.self', ''); ,@('metadata.resource_name', ''); ,@('metadata.created_at', ''); ,@('metadata.updated_at', ''); ,@('metadata.deleted_at', ''); ,@('api_version', ''); ,@('kind', ''); ,@('outcome', ''); ,@('roles', ''); ,@('error', ''); ,@('error.code', ''); ,@('error.message', ''); ,@('reconciled', ''); ,@('dry_run', ''); ,@('done_earlier', ''); ,@('location', ''))
        'fields auth status' = @(,@('source', ''); ,@('profile', ''); ,@('api_key', ''); ,@('secret', ''); ,@('endpoint', ''); ,@('created_at', ''); ,@('shadowed', ''))
        'fields auth' = @(,@('profile', ''); ,@('current', ''); ,@('api_key', ''); ,@('secret', ''); ,@('endpoint', ''); ,@('created_at', ''))
        'fields sandbox seed' = @(,@('outcome', ''); ,@('count', ''); ,@('dry_run', ''))
        'fields sandbox reset' = @(,@('outcome', ''); ,@('count', ''); ,@('dry_run', ''))
        'fields sandbox add' = @(,@('email', ''); ,@('state', ''); ,@('user', ''); ,@('invitation', ''); ,@('dry_run', ''))
        'fields wait' = @(,@('id', ''); ,@('email', ''); ,@('status', ''); ,@('state', ''); ,@('auth_type', ''); ,@('expires_at', ''); ,@('accepted_at', ''); ,@('user', ''); ,@('user.id', ''); ,@('user.related', ''); ,@('user.resource_name', ''); ,@('user.api_version', ''); ,@('user.kind', ''); ,@('creator', ''); ,@('creator.id', ''); ,@('creator.related', ''); ,@('creator.resource_name', ''); ,@('creator.api_version', ''); ,@('creator.kind', ''); ,@('metadata', ''); ,@('metadata.self', ''); ,@('metadata.resource_name', ''); ,@('metadata.created_at', ''); ,@('metadata.updated_at', ''); ,@('metadata.deleted_at', ''); ,@('api_version', ''); ,@('kind', ''); ,@('outcome', ''); ,@('error', ''); ,@('error.code', ''); ,@('error.message', ''))
        'fields doctor' = @(,@('id', ''); ,@('title', ''); ,@('status', ''); ,@('detail', ''); ,@('remedy', ''); ,@('code', ''))
        'fields report' = @(,@('generated_at', ''); ,@('total', ''); ,@('by_state', ''); ,@('pending_by_age', ''); ,@('expiring', ''); ,@('time_to_acceptance', ''); ,@('by_domain', ''); ,@('by_inviter', ''))
        'fields ' = @(,@('id', ''); ,@('email', ''); ,@('status', ''); ,@('state', ''); ,@('auth_type', ''); ,@('expires_at', ''); ,@('accepted_at', ''); ,@('user', ''); ,@('user.id', ''); ,@('user.related', ''); ,@('user.resource_name', ''); ,@('user.api_version', ''); ,@('user.kind', ''); ,@('creator', ''); ,@('creator.id', ''); ,@('creator.related', ''); ,@('creator.resource_name', ''); ,@('creator.api_version', ''); ,@('creator.kind', ''); ,@('metadata', ''); ,@('metadata.self', ''); ,@('metadata.resource_name', ''); ,@('metadata.created_at', ''); ,@('metadata.updated_at', ''); ,@('metadata.deleted_at', ''); ,@('api_version', ''); ,@('kind', ''))
        'color ' = @(,@('auto', ''); ,@('always', ''); ,@('never', ''))
        'create_authType ' = @(,@('sso', ''); ,@('local', ''))
        'role ' = @(,@('OrganizationAdmin', ''); ,@('AccountAdmin', ''); ,@('BillingAdmin', ''); ,@('EnvironmentAdmin', ''); ,@('CloudClusterAdmin', ''); ,@('NetworkAdmin', ''); ,@('Operator', ''); ,@('MetricsViewer', ''); ,@('ResourceOwner', ''); ,@('ResourceKeyAdmin', ''); ,@('DeveloperRead', ''); ,@('DeveloperWrite', ''); ,@('DeveloperManage', ''); ,@('KsqlAdmin', ''); ,@('DataDiscovery', ''); ,@('DataSteward', ''); ,@('FlinkAdmin', ''); ,@('FlinkDeveloper', ''); ,@('Assigner', ''); ,@('ClusterLinkConnection', ''))
        'status ' = @(,@('sent', ''); ,@('staged', ''); ,@('accepted', ''); ,@('expired', ''); ,@('deactivated', ''))
        'sort ' = @(,@('id', ''); ,@('email', ''); ,@('status', ''); ,@('state', ''); ,@('auth_type', ''); ,@('expires_at', ''); ,@('accepted_at', ''); ,@('user', ''); ,@('user.id', ''); ,@('user.related', ''); ,@('user.resource_name', ''); ,@('user.api_version', ''); ,@('user.kind', ''); ,@('creator', ''); ,@('creator.id', ''); ,@('creator.related', ''); ,@('creator.resource_name', ''); ,@('creator.api_version', ''); ,@('creator.kind', ''); ,@('metadata', ''); ,@('metadata.self', ''); ,@('metadata.resource_name', ''); ,@('metadata.created_at', ''); ,@('metadata.updated_at', ''); ,@('metadata.deleted_at', ''); ,@('api_version', ''); ,@('kind', ''))
        'import_authType ' = @(,@('sso', ''); ,@('local', ''))
        'wait_for ' = @(,@('accepted', ''); ,@('pending', ''); ,@('expired', ''); ,@('deactivated', ''))
        'sandbox_add_state ' = @(,@('pending', ''); ,@('staged', ''); ,@('expired', ''); ,@('deactivated', ''); ,@('accepted', ''); ,@('left', ''); ,@('member', ''); ,@('sso_member', ''))
        'completion_shell ' = @(,@('bash', ''); ,@('zsh', ''); ,@('fish', ''); ,@('powershell', ''))
        'topic ' = @(,@('create', 'invite people'); ,@('get', 'show one invitation'); ,@('list', 'list invitations'); ,@('delete', 'revoke invitations'); ,@('resend', 'mail invitations again'); ,@('wait', 'wait until invitations are accepted'); ,@('report', 'counts, ages, time to acceptance'); ,@('auth', 'keys and profiles'); ,@('sandbox', 'the built-in API, to try and to test with'); ,@('doctor', 'what is wrong with my setup'); ,@('completion', 'what makes a shell complete invite'); ,@('help', 'explain a command or a topic'); ,@('environment', 'the variables that are read'); ,@('exit-codes', 'what a script can tell from the exit code'); ,@('output', 'formats, fields, and which stream carries what'); ,@('profiles', 'keys, where they are kept, and which one is used'); ,@('import', 'the file that "invite import" reads'); ,@('roles', 'the names of roles, and how far a role reaches'))
    }

    $scopes = 'env-', 'crn://confluent.cloud/organization='

    # What is typed, without the quote that it may begin with.
    $typed = "$wordToComplete" -replace '^[''"]', ''
    $before = @(
        $commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
            ForEach-Object { $_.Extent.Text }
    )

    # The command that the words lead to, how many arguments stand there, and an option that wants a value.
    $path = ''
    $count = 0
    $option = ''
    $ended = $false
    foreach ($word in $before) {
        if ($option) { $option = '' }
        elseif ($ended -or -not $word.StartsWith('-')) {
            $step = if ($count -eq 0) { $steps["$path $word"] }
            if ($step) { $path = $step } else { $count++ }
        }
        elseif ($word -eq '--') { $ended = $true }
        elseif ($values["$path $word"] -or $values[" $word"]) { $option = $word }
    }

    # The part of the word that stays as it is, and where what goes on with it comes from.
    $lead = ''
    $found = @()
    $source = ''
    if ($option) { $source = if ($values["$path $option"]) { $values["$path $option"] } else { $values[" $option"] } }
    elseif (-not $ended -and $typed -match '^(--[^=]+)=') {
        $lead = $Matches[0]
        $source = if ($values["$path $($Matches[1])"]) { $values["$path $($Matches[1])"] } else { $values[" $($Matches[1])"] }
    }
    elseif (-not $ended -and $typed.StartsWith('-')) { $found = @(if ($path) { $options[$path] }) + @($options['']) }
    else {
        if ($count -eq 0) { $found = @($commands[$path]) }
        $source = if ($places["$path $count"]) { $places["$path $count"] } else { $places["$path *"] }
    }

    $kind, $name = "$source" -split ' ', 2
    $value = $typed.Substring($lead.Length)
    if ($kind -in 'word', 'list', 'role') {
        $under = $path
        while ($under -and -not $words["$name $under"]) { $under = if ($under.Contains(' ')) { $under -replace ' [^ ]*$', '' } else { '' } }
        $found = @($found) + @($words["$name $under"])
    }
    if ($kind -eq 'list' -and $value.Contains(',')) { $lead += $value -replace '[^,]*$', '' }
    if ($kind -eq 'role' -and $value.Contains('@')) {
        $lead += $value -replace '@.*$', '@'
        $found = @($scopes | ForEach-Object { , @($_, '') })
    }
    if ($kind -eq 'asked') {
        # What it prints is data, a line each.
        $found = @(
            & invite completion candidates $name "--typed=$value" '--' @before 2>$null |
                ForEach-Object { $text, $meaning = $_ -split "`t", 2; , @($text, "$meaning") }
        )
    }

    foreach ($word in $found) {
        if (-not $word) { continue }
        $text = $lead + $word[0]
        if (-not $text.StartsWith($typed, [System.StringComparison]::Ordinal)) { continue }
        # Between quotes nothing of it means anything to PowerShell.
        $quoted = if ($text -match '^[A-Za-z0-9_./:+=-][A-Za-z0-9_./:+=@-]*$') { $text } else { "'" + $text.Replace("'", "''") + "'" }
        $meaning = if ($word[1]) { $word[1] } else { $word[0] }
        [System.Management.Automation.CompletionResult]::new($quoted, $word[0], 'ParameterValue', $meaning)
    }
}
