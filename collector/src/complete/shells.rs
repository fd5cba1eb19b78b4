//! Scripts for shells: each asks the program itself what may come next.

use clap::ValueEnum;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

/// What `digpod completion` prints.
pub(super) fn script(shell: Shell) -> String {
    let text = match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        Shell::Powershell => POWERSHELL,
        Shell::Elvish => ELVISH,
    };
    text.trim_start().to_owned()
}

const BASH: &str = r#"
# bash completion for digpod: source <(digpod completion bash)
_digpod() {
    local cur words cword line directive=4
    # Bash splits words at "=" and ":", which are put together again here.
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref -n "=:" cur words cword
    else
        cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    fi
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :*) directive=${line#:} ;;
        *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <(digpod __complete -- "${words[@]:1:cword}" </dev/null 2>/dev/null)
    if [ "$directive" = 0 ]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
    fi
    # What stands before "=" is on the line already.
    if [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${cur%%=*}="}")
    fi
}
complete -F _digpod digpod
"#;

const ZSH: &str = r#"
#compdef digpod
# zsh completion for digpod: source <(digpod completion zsh), or a file _digpod in $fpath
_digpod() {
    local line directive=4
    local -a candidates
    while IFS= read -r line; do
        case $line in
        :*) directive=${line#:} ;;
        *) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
        esac
    done < <(digpod __complete -- "${(@Q)words[2,CURRENT]}" </dev/null 2>/dev/null)
    if [[ $directive == 0 ]]; then
        _files
    else
        _describe digpod candidates
    fi
}
if [ "$funcstack[1]" = "_digpod" ]; then
    _digpod "$@"
else
    compdef _digpod digpod
fi
"#;

const FISH: &str = r"
# fish completion for digpod: digpod completion fish | source
function __digpod_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    set -l lines (digpod __complete -- $words </dev/null 2>/dev/null)
    if test (count $lines) -gt 0; and test $lines[-1] = ':0'
        __fish_complete_path (commandline -ct)
    else
        string match -v -r '^:[0-9]+$' -- $lines
    end
end
complete -c digpod -f -a '(__digpod_complete)'
";

const POWERSHELL: &str = r#"
# PowerShell completion for digpod: digpod completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName digpod -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or -not $wordToComplete } |
        ForEach-Object { "$_" })
    # Older versions drop an empty argument unless it is quoted once more.
    $empty = if ($PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { '' }
    $word = if ($wordToComplete) { $wordToComplete } else { $empty }
    $lines = @(& digpod __complete -- @words $word 2>$null)
    foreach ($line in $lines) {
        if ($line -match '^:\d+$') { continue }
        $word, $about = $line -split "`t", 2
        if (-not $about) { $about = $word }
        [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $about)
    }
}
"#;

const ELVISH: &str = r#"
# elvish completion for digpod: eval (digpod completion elvish | slurp)
use str
set edit:completion:arg-completer[digpod] = {|@words|
    var lines = [(try { e:digpod __complete -- (all $words[1..]) 2>/dev/null } catch { nop })]
    if (and (> (count $lines) 0) (eq $lines[-1] ':0')) {
        edit:complete-filename $words[-1]
    } else {
        for line $lines {
            if (not (str:has-prefix $line ':')) {
                put [(str:split &max=2 "\t" $line)][0]
            }
        }
    }
}
"#;
