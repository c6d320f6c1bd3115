# Completion of invite for Windows PowerShell 5.1 and PowerShell 7, written by: invite completion powershell
# It asks the program for candidates. What that prints is data: nothing of it is evaluated.

Register-ArgumentCompleter -Native -CommandName invite -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # What is typed, without the quote that it may begin with.
    $typed = "$wordToComplete" -replace '^[''"]', ''
    $before = @(
        $commandAst.CommandElements | Select-Object -Skip 1 |
            Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text }
    )
    $directive, $lines = @(& invite completion complete '--' @before "=$typed" 2>$null)
    if ($directive -eq 'files') { return }
    foreach ($line in $lines) {
        $text, $meaning = "$line" -split "`t", 2
        if (-not $text -or -not $text.StartsWith($typed, [System.StringComparison]::Ordinal)) { continue }
        # Between quotes nothing of it means anything to PowerShell.
        $quoted = if ($text -match '^[A-Za-z0-9_./:+=-][A-Za-z0-9_./:+=@-]*$') { $text } else { "'" + $text.Replace("'", "''") + "'" }
        $about = if ($meaning) { $meaning } else { $text }
        [System.Management.Automation.CompletionResult]::new($quoted, $text, 'ParameterValue', $about)
    }
}
