# Completion of invite for bash 3.2 and newer, written by: invite completion bash

# The commands below a command.
_invite_commands() {
  case $1 in
    '') printf '%s\t%s\n' \
      'create' 'invite people' \
      'get' 'show one invitation' \
      'list' 'list invitations' \
      'delete' 'revoke invitations' \
      'resend' 'mail invitations again' \
      'import' 'invite everybody in a file' \
      'wait' 'wait until invitations are accepted' \
      'report' 'counts, ages, time to acceptance' \
      'auth' 'keys and profiles' \
      'sandbox' 'the built-in API, to try and to test with' \
      'doctor' 'what is wrong with my setup' \
      'completion' 'what makes a shell complete invite' \
      'help' 'explain a command or a topic' ;;
    'auth') printf '%s\t%s\n' \
      'login' 'store a Cloud API key as a profile' \
      'logout' 'forget a profile' \
      'status' 'who you are, and why' \
      'list' 'list the profiles' \
      'use' 'make a profile the current one' ;;
    'sandbox') printf '%s\t%s\n' \
      'start' 'serve the sandbox to other programs' \
      'seed' 'fill the sandbox with made-up people' \
      'add' 'put a person into the sandbox' \
      'accept' 'let somebody accept their invitation' \
      'expire' 'let an invitation run out of time' \
      'reset' 'empty the sandbox' ;;
  esac
}

# The command that a word leads to from another.
_invite_command() {
  case "$1 $2" in
    ' create') found='create' ;;
    ' get' | ' show') found='get' ;;
    ' list' | ' ls') found='list' ;;
    ' delete' | ' rm') found='delete' ;;
    ' resend') found='resend' ;;
    ' import') found='import' ;;
    ' wait') found='wait' ;;
    ' report') found='report' ;;
    ' auth') found='auth' ;;
    ' sandbox') found='sandbox' ;;
    ' doctor') found='doctor' ;;
    ' completion') found='completion' ;;
    ' help') found='help' ;;
    'auth login') found='auth login' ;;
    'auth logout') found='auth logout' ;;
    'auth status') found='auth status' ;;
    'auth list' | 'auth ls') found='auth list' ;;
    'auth use') found='auth use' ;;
    'sandbox start') found='sandbox start' ;;
    'sandbox seed') found='sandbox seed' ;;
    'sandbox add') found='sandbox add' ;;
    'sandbox accept') found='sandbox accept' ;;
    'sandbox expire') found='sandbox expire' ;;
    'sandbox reset') found='sandbox reset' ;;
    *) return 1 ;;
  esac
}

# The options of a command, without those of all.
_invite_options() {
  case $1 in
    '') printf '%s\t%s\n' \
      '--profile' 'use this profile; "sandbox" is built in and needs no key' \
      '--endpoint' 'talk to this API' \
      '--output' 'table, json, ndjson, csv, yaml, id' \
      '--json' 'the same as -o json' \
      '--fields' 'these fields, in this order; dots reach inside' \
      '--csv-raw' 'leave csv cells that a spreadsheet would run as they are' \
      '--quiet' 'no hints, no progress' \
      '--color' 'auto, always or never' \
      '--no-color' 'the same as --color never' \
      '--no-github' 'write nothing for a GitHub workflow' \
      '--no-input' 'never ask anything' \
      '--timeout' 'end the whole command after this long' \
      '--retries' 'try again at most so often' \
      '--debug' 'log HTTP on stderr, secrets left out' \
      '--version' 'show the version' \
      '--help' 'show help' ;;
    'create') printf '%s\t%s\n' \
      '--auth-type' 'how they sign in' \
      '--role' 'grant a role at once (repeatable)' \
      '--strict' 'fail if somebody is invited or a member already' \
      '--again' 'mail also whoever is invited, or was mailed from this machine, already' \
      '--allow-unicode' 'admit addresses with letters beyond ASCII' \
      '--concurrency' 'do at most so many at once, 1 to 32 (default: 4)' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'list') printf '%s\t%s\n' \
      '--email' 'of this address' \
      '--status' 'sent, staged, accepted, expired or deactivated (repeatable)' \
      '--user' 'that made this user' \
      '--creator' 'sent by this user or service account' \
      '--domain' 'with an e-mail of this domain' \
      '--expiring' 'pending, and expiring within' \
      '--older-than' 'created longer ago' \
      '--newer-than' 'created less long ago' \
      '--sort' 'sort by a field; the order of the API is not documented' \
      '--reverse' 'the other way round' \
      '--limit' 'at most so many' \
      '--unordered' 'read all statuses at once: faster on a slow link, in no order' ;;
    'delete') printf '%s\t%s\n' \
      '--email' 'of this address' \
      '--status' 'sent, staged, accepted, expired or deactivated (repeatable)' \
      '--user' 'that made this user' \
      '--creator' 'sent by this user or service account' \
      '--domain' 'with an e-mail of this domain' \
      '--expiring' 'pending, and expiring within' \
      '--older-than' 'created longer ago' \
      '--newer-than' 'created less long ago' \
      '--remove-user' 'where the invitation was accepted, delete the user who accepted it' \
      '--if-exists' 'a missing invitation is no failure' \
      '--concurrency' 'do at most so many at once, 1 to 32 (default: 4)' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'resend') printf '%s\t%s\n' \
      '--email' 'of this address' \
      '--status' 'sent, staged, accepted, expired or deactivated (repeatable)' \
      '--user' 'that made this user' \
      '--creator' 'sent by this user or service account' \
      '--domain' 'with an e-mail of this domain' \
      '--expiring' 'pending, and expiring within' \
      '--older-than' 'created longer ago' \
      '--newer-than' 'created less long ago' \
      '--concurrency' 'do at most so many at once, 1 to 32 (default: 4)' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'import') printf '%s\t%s\n' \
      '--auth-type' 'how they sign in, where a row does not say' \
      '--role' 'grant a role to everybody (repeatable)' \
      '--allow-unicode' 'admit addresses with letters beyond ASCII' \
      '--concurrency' 'do at most so many at once, 1 to 32 (default: 4)' \
      '--restart' 'forget what earlier runs did, and look at everybody again' \
      '--force-unlock' 'go on although another import of this file seems to be running' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'wait') printf '%s\t%s\n' \
      '--for' 'wait for this state' ;;
    'auth login') printf '%s\t%s\n' \
      '--api-key' 'the id of the key; asked for if left out' \
      '--api-secret-stdin' 'read the secret from stdin' \
      '--api-secret-file' 'read the secret from a file' \
      '--secret-command' 'store no secret, but a program that prints it' \
      '--no-verify' 'save without asking the API' \
      '--no-use' 'leave the current profile as it is' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'auth logout') printf '%s\t%s\n' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'auth use') printf '%s\t%s\n' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'sandbox start') printf '%s\t%s\n' \
      '--port' '0 takes one that is free' \
      '--latency' 'wait before each answer' \
      '--rate' 'requests a second, more get 429' \
      '--fail' 'share of requests that break, from 0 to 1' \
      '--switch' 'how the API decides what is not documented; repeatable' ;;
    'sandbox seed') printf '%s\t%s\n' \
      '--count' 'invitations (else 20, or 0 beside others)' \
      '--members' 'local members, not invited' \
      '--sso-members' 'members by single sign-on, not invited' \
      '--left' 'people who accepted and have left since' \
      '--role-bindings' 'role bindings of the members, in turn' \
      '--principals' 'role bindings of machines and groups' \
      '--api-keys' 'API keys of the members, in turn' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'sandbox add') printf '%s\t%s\n' \
      '--state' 'where they stand' \
      '--role' 'a role that they hold (repeatable)' \
      '--api-keys' 'how many API keys they own' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'sandbox accept') printf '%s\t%s\n' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'sandbox expire') printf '%s\t%s\n' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
    'sandbox reset') printf '%s\t%s\n' \
      '--yes' 'ask nothing, do it' \
      '--dry-run' 'show what would be done, send no change' ;;
  esac
}

# Where the value of an option comes from, if it takes one.
_invite_option() {
  case "$1 $2" in
    'create --auth-type') found='word create_authType' ;;
    'create --role') found='role role' ;;
    'create --concurrency') found='nothing' ;;
    'list --email') found='asked email' ;;
    'list -s' | 'list --status') found='word status' ;;
    'list --user') found='nothing' ;;
    'list --creator') found='nothing' ;;
    'list --domain') found='nothing' ;;
    'list --expiring') found='nothing' ;;
    'list --older-than') found='nothing' ;;
    'list --newer-than') found='nothing' ;;
    'list --sort') found='word sort' ;;
    'list --limit') found='nothing' ;;
    'delete --email') found='asked email' ;;
    'delete -s' | 'delete --status') found='word status' ;;
    'delete --user') found='nothing' ;;
    'delete --creator') found='nothing' ;;
    'delete --domain') found='nothing' ;;
    'delete --expiring') found='nothing' ;;
    'delete --older-than') found='nothing' ;;
    'delete --newer-than') found='nothing' ;;
    'delete --concurrency') found='nothing' ;;
    'resend --email') found='asked email' ;;
    'resend -s' | 'resend --status') found='word status' ;;
    'resend --user') found='nothing' ;;
    'resend --creator') found='nothing' ;;
    'resend --domain') found='nothing' ;;
    'resend --expiring') found='nothing' ;;
    'resend --older-than') found='nothing' ;;
    'resend --newer-than') found='nothing' ;;
    'resend --concurrency') found='nothing' ;;
    'import --auth-type') found='word import_authType' ;;
    'import --role') found='role role' ;;
    'import --concurrency') found='nothing' ;;
    'wait --for') found='word wait_for' ;;
    'auth login --api-key') found='nothing' ;;
    'auth login --api-secret-file') found='files' ;;
    'auth login --secret-command') found='nothing' ;;
    'sandbox start --port') found='nothing' ;;
    'sandbox start --latency') found='nothing' ;;
    'sandbox start --rate') found='nothing' ;;
    'sandbox start --fail') found='nothing' ;;
    'sandbox start --switch') found='nothing' ;;
    'sandbox seed --count') found='nothing' ;;
    'sandbox seed --members') found='nothing' ;;
    'sandbox seed --sso-members') found='nothing' ;;
    'sandbox seed --left') found='nothing' ;;
    'sandbox seed --role-bindings') found='nothing' ;;
    'sandbox seed --principals') found='nothing' ;;
    'sandbox seed --api-keys') found='nothing' ;;
    'sandbox add --state') found='word sandbox_add_state' ;;
    'sandbox add --role') found='role role' ;;
    'sandbox add --api-keys') found='nothing' ;;
    *' -p' | *' --profile') found='asked profiles' ;;
    *' --endpoint') found='nothing' ;;
    *' -o' | *' --output') found='word output' ;;
    *' --fields') found='list fields' ;;
    *' --color') found='word color' ;;
    *' --timeout') found='nothing' ;;
    *' --retries') found='nothing' ;;
    *) return 1 ;;
  esac
}

# Where an argument comes from, by its number.
_invite_argument() {
  case "$1 $2" in
    'get 0') found='asked get' ;;
    'delete '*) found='asked delete' ;;
    'resend '*) found='asked resend' ;;
    'import 0') found='files' ;;
    'wait '*) found='asked wait' ;;
    'auth login 0') found='asked profiles' ;;
    'auth logout 0') found='asked profiles' ;;
    'auth use 0') found='asked profiles' ;;
    'sandbox accept 0') found='asked sandbox' ;;
    'sandbox expire 0') found='asked sandbox' ;;
    'completion 0') found='word completion_shell' ;;
    'help '*) found='word topic' ;;
    *) return 1 ;;
  esac
}

# The words that are known beforehand, for a command.
_invite_words() {
  case "$1 $2" in
    'output report'*) printf '%s\t%s\n' \
      'table' '' \
      'json' '' \
      'ndjson' '' \
      'csv' '' \
      'yaml' '' \
      'id' '' \
      'markdown' '' ;;
    'output '*) printf '%s\t%s\n' \
      'table' '' \
      'json' '' \
      'ndjson' '' \
      'csv' '' \
      'yaml' '' \
      'id' '' ;;
    'fields create'*) printf '%s\t%s\n' \
      'id' '' \
      'email' '' \
      'status' '' \
      'state' '' \
      'auth_type' '' \
      'expires_at' '' \
      'accepted_at' '' \
      'user' '' \
      'user.id' '' \
      'user.related' '' \
      'user.resource_name' '' \
      'user.api_version' '' \
      'user.kind' '' \
      'creator' '' \
      'creator.id' '' \
      'creator.related' '' \
      'creator.resource_name' '' \
      'creator.api_version' '' \
      'creator.kind' '' \
      'metadata' '' \
      'metadata.self' '' \
      'metadata.resource_name' '' \
      'metadata.created_at' '' \
      'metadata.updated_at' '' \
      'metadata.deleted_at' '' \
      'api_version' '' \
      'kind' '' \
      'outcome' '' \
      'roles' '' \
      'error' '' \
      'error.code' '' \
      'error.message' '' \
      'reconciled' '' \
      'dry_run' '' \
      'done_earlier' '' \
      'location' '' ;;
    'fields delete'*) printf '%s\t%s\n' \
      'id' '' \
      'email' '' \
      'status' '' \
      'state' '' \
      'auth_type' '' \
      'expires_at' '' \
      'accepted_at' '' \
      'user' '' \
      'user.id' '' \
      'user.related' '' \
      'user.resource_name' '' \
      'user.api_version' '' \
      'user.kind' '' \
      'creator' '' \
      'creator.id' '' \
      'creator.related' '' \
      'creator.resource_name' '' \
      'creator.api_version' '' \
      'creator.kind' '' \
      'metadata' '' \
      'metadata.self' '' \
      'metadata.resource_name' '' \
      'metadata.created_at' '' \
      'metadata.updated_at' '' \
      'metadata.deleted_at' '' \
      'api_version' '' \
      'kind' '' \
      'outcome' '' \
      'roles' '' \
      'error' '' \
      'error.code' '' \
      'error.message' '' \
      'reconciled' '' \
      'dry_run' '' \
      'done_earlier' '' \
      'location' '' ;;
    'fields resend'*) printf '%s\t%s\n' \
      'id' '' \
      'email' '' \
      'status' '' \
      'state' '' \
      'auth_type' '' \
      'expires_at' '' \
      'accepted_at' '' \
      'user' '' \
      'user.id' '' \
      'user.related' '' \
      'user.resource_name' '' \
      'user.api_version' '' \
      'user.kind' '' \
      'creator' '' \
      'creator.id' '' \
      'creator.related' '' \
      'creator.resource_name' '' \
      'creator.api_version' '' \
      'creator.kind' '' \
      'metadata' '' \
      'metadata.self' '' \
      'metadata.resource_name' '' \
      'metadata.created_at' '' \
      'metadata.updated_at' '' \
      'metadata.deleted_at' '' \
      'api_version' '' \
      'kind' '' \
      'outcome' '' \
      'roles' '' \
      'error' '' \
      'error.code' '' \
      'error.message' '' \
      'reconciled' '' \
      'dry_run' '' \
      'done_earlier' '' \
      'location' '' ;;
    'fields import'*) printf '%s\t%s\n' \
      'id' '' \
      'email' '' \
      'status' '' \
      'state' '' \
      'auth_type' '' \
      'expires_at' '' \
      'accepted_at' '' \
      'user' '' \
      'user.id' '' \
      'user.related' '' \
      'user.resource_name' '' \
      'user.api_version' '' \
      'user.kind' '' \
      'creator' '' \
      'creator.id' '' \
      'creator.related' '' \
      'creator.resource_name' '' \
      'creator.api_version' '' \
      'creator.kind' '' \
      'metadata' '' \
      'metadata.self' '' \
      'metadata.resource_name' '' \
      'metadata.created_at' '' \
      'metadata.updated_at' '' \
      'metadata.deleted_at' '' \
      'api_version' '' \
      'kind' '' \
      'outcome' '' \
      'roles' '' \
      'error' '' \
      'error.code' '' \
      'error.message' '' \
      'reconciled' '' \
      'dry_run' '' \
      'done_earlier' '' \
      'location' '' ;;
    'fields auth status'*) printf '%s\t%s\n' \
      'source' '' \
      'profile' '' \
      'api_key' '' \
      'secret' '' \
      'endpoint' '' \
      'created_at' '' \
      'shadowed' '' ;;
    'fields auth'*) printf '%s\t%s\n' \
      'profile' '' \
      'current' '' \
      'api_key' '' \
      'secret' '' \
      'endpoint' '' \
      'created_at' '' ;;
    'fields sandbox seed'*) printf '%s\t%s\n' \
      'outcome' '' \
      'count' '' \
      'dry_run' '' ;;
    'fields sandbox reset'*) printf '%s\t%s\n' \
      'outcome' '' \
      'count' '' \
      'dry_run' '' ;;
    'fields sandbox add'*) printf '%s\t%s\n' \
      'email' '' \
      'state' '' \
      'user' '' \
      'invitation' '' \
      'dry_run' '' ;;
    'fields wait'*) printf '%s\t%s\n' \
      'id' '' \
      'email' '' \
      'status' '' \
      'state' '' \
      'auth_type' '' \
      'expires_at' '' \
      'accepted_at' '' \
      'user' '' \
      'user.id' '' \
      'user.related' '' \
      'user.resource_name' '' \
      'user.api_version' '' \
      'user.kind' '' \
      'creator' '' \
      'creator.id' '' \
      'creator.related' '' \
      'creator.resource_name' '' \
      'creator.api_version' '' \
      'creator.kind' '' \
      'metadata' '' \
      'metadata.self' '' \
      'metadata.resource_name' '' \
      'metadata.created_at' '' \
      'metadata.updated_at' '' \
      'metadata.deleted_at' '' \
      'api_version' '' \
      'kind' '' \
      'outcome' '' \
      'error' '' \
      'error.code' '' \
      'error.message' '' ;;
    'fields doctor'*) printf '%s\t%s\n' \
      'id' '' \
      'title' '' \
      'status' '' \
      'detail' '' \
      'remedy' '' \
      'code' '' ;;
    'fields report'*) printf '%s\t%s\n' \
      'generated_at' '' \
      'total' '' \
      'by_state' '' \
      'pending_by_age' '' \
      'expiring' '' \
      'time_to_acceptance' '' \
      'by_domain' '' \
      'by_inviter' '' ;;
    'fields '*) printf '%s\t%s\n' \
      'id' '' \
      'email' '' \
      'status' '' \
      'state' '' \
      'auth_type' '' \
      'expires_at' '' \
      'accepted_at' '' \
      'user' '' \
      'user.id' '' \
      'user.related' '' \
      'user.resource_name' '' \
      'user.api_version' '' \
      'user.kind' '' \
      'creator' '' \
      'creator.id' '' \
      'creator.related' '' \
      'creator.resource_name' '' \
      'creator.api_version' '' \
      'creator.kind' '' \
      'metadata' '' \
      'metadata.self' '' \
      'metadata.resource_name' '' \
      'metadata.created_at' '' \
      'metadata.updated_at' '' \
      'metadata.deleted_at' '' \
      'api_version' '' \
      'kind' '' ;;
    'color '*) printf '%s\t%s\n' \
      'auto' '' \
      'always' '' \
      'never' '' ;;
    'create_authType '*) printf '%s\t%s\n' \
      'sso' '' \
      'local' '' ;;
    'role '*) printf '%s\t%s\n' \
      'OrganizationAdmin' '' \
      'AccountAdmin' '' \
      'BillingAdmin' '' \
      'EnvironmentAdmin' '' \
      'CloudClusterAdmin' '' \
      'NetworkAdmin' '' \
      'Operator' '' \
      'MetricsViewer' '' \
      'ResourceOwner' '' \
      'ResourceKeyAdmin' '' \
      'DeveloperRead' '' \
      'DeveloperWrite' '' \
      'DeveloperManage' '' \
      'KsqlAdmin' '' \
      'DataDiscovery' '' \
      'DataSteward' '' \
      'FlinkAdmin' '' \
      'FlinkDeveloper' '' \
      'Assigner' '' \
      'ClusterLinkConnection' '' ;;
    'status '*) printf '%s\t%s\n' \
      'sent' '' \
      'staged' '' \
      'accepted' '' \
      'expired' '' \
      'deactivated' '' ;;
    'sort '*) printf '%s\t%s\n' \
      'id' '' \
      'email' '' \
      'status' '' \
      'state' '' \
      'auth_type' '' \
      'expires_at' '' \
      'accepted_at' '' \
      'user' '' \
      'user.id' '' \
      'user.related' '' \
      'user.resource_name' '' \
      'user.api_version' '' \
      'user.kind' '' \
      'creator' '' \
      'creator.id' '' \
      'creator.related' '' \
      'creator.resource_name' '' \
      'creator.api_version' '' \
      'creator.kind' '' \
      'metadata' '' \
      'metadata.self' '' \
      'metadata.resource_name' '' \
      'metadata.created_at' '' \
      'metadata.updated_at' '' \
      'metadata.deleted_at' '' \
      'api_version' '' \
      'kind' '' ;;
    'import_authType '*) printf '%s\t%s\n' \
      'sso' '' \
      'local' '' ;;
    'wait_for '*) printf '%s\t%s\n' \
      'accepted' '' \
      'pending' '' \
      'expired' '' \
      'deactivated' '' ;;
    'sandbox_add_state '*) printf '%s\t%s\n' \
      'pending' '' \
      'staged' '' \
      'expired' '' \
      'deactivated' '' \
      'accepted' '' \
      'left' '' \
      'member' '' \
      'sso_member' '' ;;
    'completion_shell '*) printf '%s\t%s\n' \
      'bash' '' \
      'zsh' '' \
      'fish' '' \
      'powershell' '' ;;
    'topic '*) printf '%s\t%s\n' \
      'create' 'invite people' \
      'get' 'show one invitation' \
      'list' 'list invitations' \
      'delete' 'revoke invitations' \
      'resend' 'mail invitations again' \
      'wait' 'wait until invitations are accepted' \
      'report' 'counts, ages, time to acceptance' \
      'auth' 'keys and profiles' \
      'sandbox' 'the built-in API, to try and to test with' \
      'doctor' 'what is wrong with my setup' \
      'completion' 'what makes a shell complete invite' \
      'help' 'explain a command or a topic' \
      'environment' 'the variables that are read' \
      'exit-codes' 'what a script can tell from the exit code' \
      'output' 'formats, fields, and which stream carries what' \
      'profiles' 'keys, where they are kept, and which one is used' \
      'import' 'the file that "invite import" reads' \
      'roles' 'the names of roles, and how far a role reaches' ;;
  esac
}

_invite_scopes='env- crn://confluent.cloud/organization='

if type compopt > /dev/null 2>&1; then
  _invite_set() { compopt "$@"; }
else
  _invite_set() { :; }
fi

# What only the program knows. It prints data, a line each: nothing of it is ever evaluated.
_invite_ask() {
  command invite completion candidates "$1" --typed="${typed#"$lead"}" -- "${words[@]}" 2> /dev/null < /dev/null
}

# Offers a candidate if it goes on with what is typed.
_invite_offer() {
  local quoted
  case $typed in
    # Between quotes only what needs none.
    [\'\"]*) case $1 in *[!A-Za-z0-9@%+=:,./_-]*) return ;; esac; quoted=$1 ;;
    *) printf -v quoted '%q' "$1" ;;
  esac
  [[ $lead$quoted == "$typed"* ]] || return
  quoted=$lead$quoted
  COMPREPLY[${#COMPREPLY[@]}]=${quoted#"$cut"}
  abouts[${#abouts[@]}]=$2
}

# Offers what stands on stdin: a candidate a line, its meaning after a tab.
_invite_offer_all() {
  local value about
  while IFS=$'\t' read -r value about; do
    [[ -z $value ]] || _invite_offer "$value" "$about"
  done
}

# Offers what may stand in a place that takes candidates from "$1", such as `word status` or `asked get`.
_invite_offer_from() {
  local name=${1#* } value=${typed#"$lead"} scope
  case $1 in
    word\ *) _invite_offer_all < <(_invite_words "$name" "$path") ;;
    asked\ *) _invite_offer_all < <(_invite_ask "$name") ;;
    list\ *)
      [[ $value != *,* ]] || lead=$lead${value%,*},
      _invite_set -o nospace
      _invite_offer_all < <(_invite_words "$name" "$path")
      ;;
    role\ *)
      _invite_set -o nospace
      if [[ $value == *@* ]]; then
        lead=$lead${value%%@*}@
        for scope in $_invite_scopes; do _invite_offer "$scope" ''; done
      else
        _invite_offer_all < <(_invite_words "$name" "$path")
      fi
      ;;
    # Nothing is offered, and so readline does what it does for other commands.
    files) _invite_set -o default -o bashdefault ;;
  esac
}

# The words of the line: readline also cuts at @, = and :, which may be inside of ours.
_invite_split() {
  local i rest=${COMP_LINE:0:COMP_POINT} count=0 word
  words=('')
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      count=$((count + 1))
      words[count]=''
    fi
    word=${COMP_WORDS[i]}
    [[ $i -lt $COMP_CWORD ]] || word=$rest
    words[count]=${words[count]}$word
    rest=${rest#"$word"}
  done
  typed=${words[count]}
  unset "words[$count]" 'words[0]'
  words=("${words[@]}")
}

# Follows the words to the command they lead to: its path, how many arguments stand there, an option that wants a value.
_invite_follow() {
  local word
  for word in "${words[@]}"; do
    if [[ -n $option ]]; then
      option=''
    elif [[ -n $ended || $word != -* ]]; then
      if [[ $count -eq 0 ]] && _invite_command "$path" "$word"; then path=$found; else count=$((count + 1)); fi
    elif [[ $word == -- ]]; then
      ended=yes
    elif [[ $word != *=* ]] && _invite_option "$path" "$word"; then
      option=$word
    fi
  done
}

# What readline will leave in its place, for it replaces only what stands behind the last of its breaks.
_invite_cut() {
  local i
  [[ $typed != [\'\"]* ]] || { cut=${typed:0:1}; return; }
  for ((i = ${#typed} - 1; i >= 0; i--)); do
    [[ $COMP_WORDBREAKS == *"${typed:i:1}"* ]] || continue
    [[ $i -eq 0 || ${typed:i-1:1} != \\ ]] || continue
    # It begins with an @, for such a word may be the name of a host.
    [[ ${typed:i:1} == @ ]] && cut=${typed:0:i} || cut=${typed:0:i+1}
    return
  done
}

# Meanings, where readline only lists and inserts nothing.
_invite_explain() {
  local i width=0 half=$((${COLUMNS:-80} / 2 + 1)) line
  [[ ${#COMPREPLY[@]} -gt 1 && ${COMP_TYPE-} == 63 ]] || return 0
  for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
    [[ ${#COMPREPLY[i]} -le $width ]] || width=${#COMPREPLY[i]}
  done
  for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
    [[ -n ${abouts[i]} ]] || continue
    printf -v line '%-*s  %s' "$width" "${COMPREPLY[i]}" "${abouts[i]}"
    # As wide as that, each gets a line of its own.
    printf -v line '%-*s' "$half" "${line:0:${COLUMNS:-80}-2}"
    COMPREPLY[i]=$line
  done
}

_invite() {
  local path='' count=0 option='' ended='' found='' lead='' cut='' typed='' IFS=$' \t\n'
  local -a words abouts
  COMPREPLY=()
  _invite_split
  _invite_follow
  _invite_cut
  _invite_set +o default +o bashdefault
  [[ $typed != [\'\"]* ]] || lead=${typed:0:1}
  if [[ -n $option ]]; then
    _invite_option "$path" "$option" && _invite_offer_from "$found"
  elif [[ -z $ended && $typed == --*=* ]]; then
    lead=${typed%%=*}=
    _invite_option "$path" "${typed%%=*}" && _invite_offer_from "$found"
  elif [[ -z $ended && $typed == -* ]]; then
    _invite_offer_all < <(_invite_options "$path"; [[ -z $path ]] || _invite_options '')
  else
    [[ $count -gt 0 ]] || _invite_offer_all < <(_invite_commands "$path")
    found=''
    if _invite_argument "$path" "$count"; then _invite_offer_from "$found"; fi
    # A command that takes nothing else still has options.
    [[ ${#COMPREPLY[@]} -gt 0 || -n $found || -n $ended || -z $path ]] || _invite_offer_all < <(_invite_options "$path")
  fi
  _invite_explain
}

complete -o bashdefault -o default -F _invite invite
