#!/usr/bin/env bash
# The list as a shell script reads it: a curl and two jq for each page.
set -euo pipefail
path='/iam/v2/invitations?page_size=100'
while [ -n "$path" ]; do
  page=$(curl -sS -u key:secret "$1$path")
  jq -r '.data[] | [.id, .email, .status, .auth_type, .expires_at, .user.id, .metadata.created_at] | @tsv' <<<"$page"
  path=$(jq -r '.metadata.next // empty' <<<"$page")
done
