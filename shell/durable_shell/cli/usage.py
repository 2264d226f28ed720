"""The one usage text.

It is what ``strands --help`` prints, what docopt parses by, and where the option table, each command's
own help and the reference page of the docs are derived from. Change the command line here and nowhere else.

Conventions that ``command_table`` reads, besides docopt's own: a command is introduced once under a heading
that ends in "commands:"; ``[one of: a, b]`` in an option's description lists the values it takes; a value
named ``K=V`` or ``K=N`` must hold an equals sign.

This module imports nothing: that is what makes ``--help`` quick.
"""

USAGE = """\
strands - run agent workflows written in YAML, in sessions that survive crashes.

Examples:
  strands run research.yaml --var topic=tides  Run a workflow.
  strands sessions list                        See each session and its state.
  strands resume @latest                       Resume the newest session.
  strands run --resume a1b2c3d4                The same, for one session.
  strands validate research.yaml               Check a workflow and run nothing.

Usage:
  strands run SPEC [--var K=V]... [--var-file FILE] [--out DIR] [--force]
              [--name NAME] [--no-save-session | --auto-resume | --replace]
              [--ask] [--no-input] [--json] [--quiet | --verbose]
  strands run --resume ID [--hitl-response TEXT] [--gate UNIT] [--var K=V]...
              [--spec PATH | --spec-from SOURCE] [--budget K=N]... [--out DIR]
              [--force] [--trust] [--no-input] [--json] [--quiet | --verbose]
  strands run --continue [--hitl-response TEXT] [--gate UNIT] [--var K=V]...
              [--spec PATH | --spec-from SOURCE] [--budget K=N]... [--out DIR]
              [--force] [--trust] [--no-input] [--json] [--quiet | --verbose]
  strands resume ID [--hitl-response TEXT] [--gate UNIT] [--var K=V]...
              [--spec PATH | --spec-from SOURCE] [--budget K=N]... [--out DIR]
              [--force] [--trust] [--no-input] [--json] [--quiet | --verbose]
  strands sessions list [--status STATUS] [--json]
  strands sessions show ID [--graph FILE] [--json]
  strands sessions delete ID... [--force]
  strands sessions answer ID TEXT
  strands sessions answer ID UNIT TEXT
  strands sessions settle ID UNIT (--done TEXT | --retry) [--call CALL]
  strands sessions tick [ID]...
  strands sessions verify [ID]... [--json]
  strands sessions repair ID [--force]
  strands sessions cleanup [--older-than AGE] [--status STATUS]... [--keep N]
              [--dry-run] [--force]
  strands validate SPEC [--var K=V]... [--var-file FILE] [--json]
  strands plan SPEC [--var K=V]... [--var-file FILE] [--graph FILE] [--json]
  strands explain SPEC
  strands schema
  strands version
  strands help [COMMAND]...
  strands (--help | --version)

Workflow commands:
  run               Run a workflow in a new session; with --resume, resume one.
  resume            Resume a session. What it has completed is never run again.
  validate          Report every problem of a workflow. Runs and writes nothing.
  plan              Show what would run, in which order, with known prompts.
  explain           Say in sentences what a workflow does.
  schema            Print the JSON Schema of workflow files.

Session commands:
  sessions list     List the sessions, the newest first.
  sessions show     Show one session: variables, tokens, what is done and open.
  sessions delete   Delete sessions. Asks first; without a terminal: --force.
  sessions answer   Answer the question that a session waits for. Runs nothing.
  sessions settle   Say what became of an interrupted tool call. Runs nothing.
  sessions tick     Apply timeouts of open questions, for cron. Runs nothing.
  sessions verify   Check every file of sessions, or of all. Changes none.
  sessions repair   Repair a damaged session. Asks before work would be lost.
  sessions cleanup  Delete old sessions. Asks first; with no terminal: --force.

Other commands:
  version           Print the versions of this program, Python and the SDK.
  help              Print this page, or the help of one command.

Options:
  --var K=V              Set an input variable. Repeatable.
  --var-file FILE        Read input variables from a YAML or JSON file. --var
                         wins over it.
  -o, --out DIR          Where artifacts go (default: ./artifacts).
  -f, --force            Overwrite artifacts that exist; with sessions commands,
                         do not ask.
  --name NAME            A name for the session, to use in place of its id. It
                         is free again once that session is completed.
  --replace              If the name is in use, rename the session that has it,
                         and begin another.
  --no-save-session      Keep nothing on disk. Such a run can't be resumed.
  --auto-resume          Resume the newest session of this workflow that stopped
                         early and has the same variables; without one, start.
  --ask                  Ask on the terminal for required variables that are
                         missing.
  --no-input             Never ask anything: pause, or stop with a message.
  -r, --resume ID        The session to resume.
  -c, --continue         Resume the newest session that was started in this
                         folder and stopped early.
  --hitl-response TEXT   The answer to the question a session waits for.
  --gate UNIT            Which question the answer is for, when several are
                         open.
  --spec PATH            Where the workflow is now, if it was moved.
  --spec-from SOURCE     The workflow to resume with: the file as it is now, or
                         the snapshot taken when the session began [one of:
                         file, snapshot].
  --trust                Let a session run that did not begin here, with all
                         that it brings.
  --done TEXT            The tool call was done, and this is what it answered.
  --retry                The tool call is to be made again.
  --call CALL            Which tool call, when several of a unit are in doubt.
  --budget K=N           Raise a limit of this session, e.g. max_tokens=50000.
                         Repeatable.
  --graph FILE           Draw the workflow into FILE, .svg or .mmd (Mermaid);
                         for a session, coloured by what is done.
  --status STATUS        Only sessions in this state; repeatable in cleanup,
                         where completed is the default, and none goes that runs
                         or is damaged [one of: running, paused, interrupted,
                         completed, failed, damaged].
  --older-than AGE       Only sessions untouched for so long, such as 30d, 12h
                         or 30m (default: 30d, unless --keep is given).
  --keep N               Keep the N newest of those that would go.
  --dry-run              Show what would go, and delete nothing.
  --json                 Print JSON on standard output.
  -q, --quiet            Print only the result, warnings and errors.
  -v, --verbose          Say more while running; show the traceback of an
                         internal error.
  -h, --help             Print help. After a command: the help of that command.
  -V, --version          The same as 'strands version'.

  Options may stand anywhere on the line, as --opt value or --opt=value. Write a
  value that begins with a dash as --opt=-x. Everything after -- is taken as it
  stands.

Sessions:
  ID is a full session id, the first characters of one (at least 4), a --name,
  @latest, or @here: the newest that was started in this folder and stopped
  early.

Environment:
  STRANDS_HOME      Where sessions are kept (default: ~/.strands).
  NO_COLOR          If set, no colour.
  CI                If set, no animation and no questions.

Exit codes:
  0 done   2 wrong usage, or no such session   3 invalid workflow
  10 a step failed   12 file error   17 session damaged, held by another process
  or of a newer version   18 unsupported feature   19 waiting for a person
  20 budget used up   70 internal error   130 interrupted, saved
"""
