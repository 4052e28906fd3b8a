/** `slipway completion`: scripts that complete commands and flags in the shell. */

import { UsageError } from '../../core/errors.ts';
import { buildProgram } from '../program.ts';
import type { RunContext } from '../run-context.ts';

interface Completion {
  readonly command: string;
  readonly summary: string;
  readonly flags: readonly { readonly flag: string; readonly help: string }[];
}

/**
 * Prints the script for `shell`.
 * @throws UsageError `SLIPWAY_USAGE`
 */
export async function completionCommand(run: RunContext, shell: string): Promise<undefined> {
  const program = buildProgram(run.edge, () => undefined);
  const commands = program.commands.map(
    (command): Completion => ({
      command: command.name(),
      summary: command.summary(),
      flags: command.options.flatMap((option) =>
        option.long == null || option.hidden
          ? []
          : [{ flag: option.long, help: option.description }],
      ),
    }),
  );
  const script = SCRIPTS[shell];
  if (script === undefined) {
    throw new UsageError('SLIPWAY_USAGE', `there is no completion for "${shell}"`, {
      hint: 'Name bash, zsh or fish.',
    });
  }
  run.edge.print(script(commands));
}

const SCRIPTS: { readonly [shell: string]: (commands: readonly Completion[]) => string } = {
  bash: (commands) => `# slipway completion for bash
_slipway() {
  local current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map((c) => c.command).join(' ')}' -- "$current"))
    return
  fi
  case "$command" in
${commands.map((c) => `    ${c.command}) COMPREPLY=($(compgen -W '${flagsOf(c)}' -- "$current")) ;;`).join('\n')}
  esac
}
complete -o default -F _slipway slipway
`,
  zsh: (commands) => `#compdef slipway
# slipway completion for zsh
_slipway() {
  local -a commands
  commands=(
${commands.map((c) => `    ${quoted(`${c.command}:${c.summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case "$words[2]" in
${commands.map((c) => `    ${c.command}) _values flag ${c.flags.map((f) => quoted(f.flag)).join(' ')} ;;`).join('\n')}
  esac
}
compdef _slipway slipway
`,
  fish: (commands) => `# slipway completion for fish
complete -c slipway -f
${commands
  .map(
    (c) =>
      `complete -c slipway -n __fish_use_subcommand -a ${c.command} -d ${quoted(c.summary)}\n${c.flags
        .map(
          (f) =>
            `complete -c slipway -n '__fish_seen_subcommand_from ${c.command}' -l ${f.flag.slice(2)} -d ${quoted(f.help)}`,
        )
        .join('\n')}`,
  )
  .join('\n')}
`,
};

function flagsOf(completion: Completion): string {
  return completion.flags.map(({ flag }) => flag).join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
