# Completion in a real PowerShell: what Tab would offer for a line. Run by CI, where PowerShell is; by hand: pwsh test/completion/powershell.ps1
$ErrorActionPreference = 'Stop'
$root = Join-Path $PSScriptRoot '..' '..'
$program = Join-Path $root 'bin' 'invite.js'
function invite { & node $program @args }
Invoke-Expression ((invite completion powershell) -join "`n")

$failed = 0
function Expect-Completion([string] $line, [string] $wanted) {
    $found = (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText
    if ($found -contains $wanted) { return }
    Write-Output "not ok: '$line' offers '$($found -join ' ')', not '$wanted'"
    $script:failed++
}

Expect-Completion 'invite del' 'delete'
Expect-Completion 'invite list --stat' '--status'
Expect-Completion 'invite list --status ex' 'expired'
Expect-Completion 'invite -o nd' 'ndjson'
Expect-Completion 'invite create x@y.z --role BillingA' 'BillingAdmin'
if ($failed -gt 0) { exit 1 }
Write-Output 'ok'
