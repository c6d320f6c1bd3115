/** The PowerShell script but for its tables, which take the place of the line that names them. */
export const powershellEngine = `# Completion of invite for PowerShell, written by: invite completion powershell

Register-ArgumentCompleter -Native -CommandName invite -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # TABLES

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
                ForEach-Object { $text, $meaning = $_ -split "\`t", 2; , @($text, "$meaning") }
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
`;
