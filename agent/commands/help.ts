/** The commands of `wip-agent`, but for the build tool, which has a help of its own. */
export type CommandName = 'run' | 'check-config' | 'baseline' | 'health' | 'status';

export const USAGE = `wip-agent [run] [--config FILE]        start the agent: the entrypoint of a build image
wip-agent check-config [--config FILE] show what the agent makes of config.ini
wip-agent baseline [--write FILE]      measure what the image itself uses, and write it into a config.ini
wip-agent health [--config FILE]       exit code 0 when the agent of this container is ready (for ECS healthCheck)
wip-agent status [--config FILE]       what the agent of this container is doing
wip-agent build export|run ...         the build tool; "wip-agent build --help" tells more
wip-agent --version

"wip-agent COMMAND --help" tells the options and exit codes of a command.
`;

const CONFIG_OPTION = `  --config FILE   the configuration; else the one that WIP_AGENT_CONFIG names, else /etc/buildcontainer/config.ini,
                  below WIP_AGENT_ROOT when that is set`;
const CONFIG_EXIT = '78 when the configuration cannot be used, 64 for wrong arguments';

/** The text of `wip-agent COMMAND --help`. */
export const COMMAND_HELP: Readonly<Record<CommandName, string>> = {
  run: `wip-agent [run] [--config FILE]
    Starts the agent: enrols the container with the control plane, opens SSH, runs processes, and watches the limits
    until the container is to end. It is told by the environment: SIGNAL_URL, SIGNAL_BODY, WIP_ENROL_URL, WIP_ENROL.
${CONFIG_OPTION}
    Exit code: 0 for the shutdown file, 70 disk limit, 71 limit of files, 72 time limit, 73 no progress,
    74 the machine's disk is nearly full, 75 the agent failed, 77 enrolment refused, 143 SIGTERM or Spot;
    ${CONFIG_EXIT}.
`,
  'check-config': `wip-agent check-config [--config FILE]
    Checks config.ini, and shows the limits that follow from it and whether the disk has room for them.
${CONFIG_OPTION}
    Exit code: 0 when it is correct, 1 when a path of it cannot be measured,
    ${CONFIG_EXIT}.
`,
  baseline: `wip-agent baseline [--write FILE]
    Measures what the files of the image take and prints it. Run it as the last step of the image's build.
  --write FILE    put the figure into this config.ini, as initial_size of [disk]; all else stays as it is
    Exit code: 0, 1 when the file cannot be read or written, 64 for wrong arguments.
`,
  health: `wip-agent health [--config FILE]
    Asks the agent of this container and prints its phase: for the healthCheck of a task definition.
${CONFIG_OPTION}
    Exit code: 0 when it is ready, 1 when it is not, or does not answer within 4 s,
    ${CONFIG_EXIT}.
`,
  status: `wip-agent status [--config FILE]
    Asks the agent of this container what it is doing: phase, free disk, and each process with its end and its output.
${CONFIG_OPTION}
    Exit code: 0, 1 when it does not answer within 4 s,
    ${CONFIG_EXIT}.
`,
};
