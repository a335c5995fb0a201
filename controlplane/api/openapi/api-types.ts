// Generated from the OpenAPI document with "node config/generate-api-types.ts": do not edit.

export interface paths {
  '/healthz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether this process lives
     * @description For anybody.
     */
    get: operations['getHealthz'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Metrics for Prometheus
     * @description For programs on the machine of the node, and viewers from elsewhere.
     */
    get: operations['getMetrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether this node takes requests
     * @description For anybody.
     */
    get: operations['getReadyz'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who changed what, the newest first
     * @description For operators and above.
     */
    get: operations['getAudit'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/build-steps/public-key': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The key that seals values of build files
     * @description For submitters and above.
     */
    get: operations['getBuildStepsPublicKey'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/build-steps/public-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All keys of build files as a JSON Web Key Set, the one that seals first
     * @description For submitters and above.
     */
    get: operations['getBuildStepsPublicKeys'];
    put?: never;
    /**
     * Makes a new key, which seals from now on
     * @description For admins.
     */
    post: operations['postBuildStepsPublicKeys'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/causes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Why tasks have failed, by cause and fault; of the last 24 hours unless it is told otherwise
     * @description For viewers and above.
     */
    get: operations['getCauses'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All clusters, without secrets
     * @description For operators and above.
     */
    get: operations['getClusters'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One cluster, without its secret
     * @description For operators and above.
     */
    get: operations['getClustersName'];
    /**
     * Saves a cluster
     * @description For admins.
     */
    put: operations['putClustersName'];
    post?: never;
    /**
     * Deletes a cluster
     * @description For admins.
     */
    delete: operations['deleteClustersName'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{name}/active': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Launches into this cluster from now on
     * @description For admins.
     */
    put: operations['putClustersNameActive'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/clusters/{name}/check': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What launches into a cluster need of AWS
     * @description For operators and above.
     */
    get: operations['getClustersNameCheck'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/config': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The settings of the node that answers
     * @description For operators and above.
     */
    get: operations['getConfig'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/connection-status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The installation as a whole: tasks by status, pauses, nodes
     * @description For viewers and above.
     */
    get: operations['getConnectionStatus'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/doctor': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What the node that answers finds wrong, and what to do
     * @description For operators and above.
     */
    get: operations['getDoctor'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/ecs-quotas': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * How many calls of ECS and EC2 this node may make
     * @description For operators and above.
     */
    get: operations['getEcsQuotas'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/encrypt': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Seals a value for a build file
     * @description For submitters and above.
     */
    post: operations['postEncrypt'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/enrol': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Enrols the agent of a container
     * @description For agents that start.
     */
    post: operations['postEnrol'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/groups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All groups with their limits
     * @description For viewers and above.
     */
    get: operations['getGroups'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/groups/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One group
     * @description For viewers and above.
     */
    get: operations['getGroupsName'];
    /**
     * Sets the limits of a group, and makes it when there is none
     * @description For operators and above.
     */
    put: operations['putGroupsName'];
    post?: never;
    /**
     * Removes a group that has no tasks
     * @description For operators and above.
     */
    delete: operations['deleteGroupsName'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/groups/{name}/queue': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The first tasks in the queue of a group, and when each is expected to start
     * @description For viewers and above.
     */
    get: operations['getGroupsNameQueue'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/hooks/github': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes a webhook of GitHub, and adds the build that it asks for
     * @description For senders that sign their requests, such as agents.
     */
    post: operations['postHooksGithub'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/hooks/gitlab': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes a webhook of GitLab, and adds the build that it asks for
     * @description For senders that sign their requests, such as agents.
     */
    post: operations['postHooksGitlab'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/kinds': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The kinds of tasks that this node runs
     * @description For viewers and above.
     */
    get: operations['getKinds'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/kinds/{kind}/table': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The state table of a kind, and where a drawing places its states
     * @description For viewers and above.
     */
    get: operations['getKindsKindTable'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The owner of the token
     * @description For viewers and above.
     */
    get: operations['getMe'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/openapi.json': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * This document
     * @description For anybody.
     */
    get: operations['getOpenapiJson'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/ping': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Version, time and tasks by status
     * @description For viewers and above.
     */
    get: operations['getPing'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/reconcile': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What each living node found of the installation's containers at its start
     * @description For viewers and above.
     */
    get: operations['getReconcile'];
    put?: never;
    /**
     * Compares the record with ECS now
     * @description For operators and above.
     */
    post: operations['postReconcile'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/secrets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Which master keys seal what
     * @description For admins.
     */
    get: operations['getSecrets'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/secrets/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Goes on with a rotation of the master key for some seconds
     * @description For admins.
     */
    post: operations['postSecretsRotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The session of a browser
     * @description For anybody.
     */
    get: operations['getSession'];
    put?: never;
    /**
     * Signs a browser in
     * @description For anybody.
     */
    post: operations['postSession'];
    /**
     * Signs a browser out
     * @description For viewers and above.
     */
    delete: operations['deleteSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/signal/{callback}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes a signal of a container
     * @description For senders that sign their requests, such as agents.
     */
    post: operations['postSignalCallback'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/signal/{callback}/chunks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes output of a process
     * @description For senders that sign their requests, such as agents.
     */
    post: operations['postSignalCallbackChunks'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/signal/{callback}/heartbeat': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes the usage of a container
     * @description For senders that sign their requests, such as agents.
     */
    post: operations['postSignalCallbackHeartbeat'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/state/maintenance': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether new work is taken
     * @description For viewers and above.
     */
    get: operations['getStateMaintenance'];
    /**
     * Takes no new work from now on
     * @description For operators and above.
     */
    put: operations['putStateMaintenance'];
    post?: never;
    /**
     * Takes new work again
     * @description For operators and above.
     */
    delete: operations['deleteStateMaintenance'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/state/restored': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether the database came from a dump and nobody has confirmed it
     * @description For viewers and above.
     */
    get: operations['getStateRestored'];
    put?: never;
    post?: never;
    /**
     * Confirms that the database was restored
     * @description For operators and above.
     */
    delete: operations['deleteStateRestored'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The tasks of a list as they change
     * @description For viewers and above.
     */
    get: operations['getStream'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/task-definitions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The task definitions that were registered, the newest first
     * @description For operators and above.
     */
    get: operations['getTaskDefinitions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/task-definitions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One task definition as it was registered
     * @description For operators and above.
     */
    get: operations['getTaskDefinitionsId'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/task-definitions/{id}/diff': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * In what a task definition differs from another
     * @description For operators and above.
     */
    get: operations['getTaskDefinitionsIdDiff'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/task-summary': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Counts of tasks by group, status, end and cause
     * @description For viewers and above.
     */
    get: operations['getTaskSummary'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A page of tasks, the newest first
     * @description For viewers and above.
     */
    get: operations['getTasks'];
    put?: never;
    /**
     * Adds a task
     * @description For submitters and above.
     */
    post: operations['postTasks'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Everything about one task
     * @description For viewers and above.
     */
    get: operations['getTasksId'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/attempts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The containers of a task and their lives
     * @description For viewers and above.
     */
    get: operations['getTasksIdAttempts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Signals of its agents, and what people asked for
     * @description For viewers and above.
     */
    get: operations['getTasksIdEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/logs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The log of a task
     * @description For viewers and above.
     */
    get: operations['getTasksIdLogs'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/output': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What its processes wrote
     * @description For viewers and above.
     */
    get: operations['getTasksIdOutput'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Pauses a task
     * @description For submitters and above.
     */
    put: operations['putTasksIdPause'];
    post?: never;
    /**
     * Ends the pause of a task
     * @description For submitters and above.
     */
    delete: operations['deleteTasksIdPause'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/priority': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Changes the position of a task in its queue
     * @description For operators and above.
     */
    put: operations['putTasksIdPriority'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/queue': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What has to happen before a task starts or goes on, its position in the queue and when it is expected to start
     * @description For viewers and above.
     */
    get: operations['getTasksIdQueue'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/restart': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Runs a finished task again
     * @description For submitters and above.
     */
    put: operations['putTasksIdRestart'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/seen-before': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Earlier tasks of its group that have failed with the same cause
     * @description For viewers and above.
     */
    get: operations['getTasksIdSeenBefore'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/simulation-script': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Its last run as a script for the simulator
     * @description For viewers and above.
     */
    get: operations['getTasksIdSimulationScript'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Everything that happens to a task, as it happens
     * @description For viewers and above.
     */
    get: operations['getTasksIdStream'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/terminate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Asks a task to end
     * @description For submitters and above.
     */
    put: operations['putTasksIdTerminate'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/transcript': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The steps of a task
     * @description For viewers and above.
     */
    get: operations['getTasksIdTranscript'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/{id}/usage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What its containers used, and the heartbeats
     * @description For viewers and above.
     */
    get: operations['getTasksIdUsage'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/in_processing': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A page of the tasks that have started and not ended
     * @description For viewers and above.
     */
    get: operations['getTasksInProcessing'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tasks/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Pauses everything or some groups
     * @description For operators and above.
     */
    put: operations['putTasksPause'];
    post?: never;
    /**
     * Ends the pause of everything or of some groups
     * @description For operators and above.
     */
    delete: operations['deleteTasksPause'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * All tokens, without their values
     * @description For admins.
     */
    get: operations['getTokens'];
    put?: never;
    /**
     * Makes a token, which only this answer has
     * @description For admins.
     */
    post: operations['postTokens'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tokens/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revokes a token on every node
     * @description For admins.
     */
    delete: operations['deleteTokensId'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    AttemptDetail: {
      address: string | null;
      agentSeenAt: string | null;
      agentVersion: string | null;
      cause: string | null;
      cluster: string | null;
      /** @default null */
      clusterReason: string | null;
      /** Format: date-time */
      createdAt: string;
      /** @default null */
      ecsSeenAt: string | null;
      ecsWitness: {
        [key: string]: unknown;
      } | null;
      endedAt: string | null;
      /** @default null */
      endpoint: string | null;
      enrolledAt: string | null;
      /** @default [] */
      evidence: string[];
      /** @default null */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      launchedAt: string | null;
      /** @default null */
      legacy: {
        lacks: string[];
      } | null;
      /** @default null */
      limits: components['schemas']['LimitsView'] | null;
      number: number;
      readyAt: string | null;
      /** @default null */
      remedy: string | null;
      runningAt: string | null;
      /** @default null */
      sentence: string | null;
      /** @default null */
      sshHostKey: string | null;
      /** @default null */
      sshProvenAt: string | null;
      sshVerifiedAt: string | null;
      sshWitness: {
        [key: string]: unknown;
      } | null;
      state: string;
      /** @default null */
      stopFailure: {
        /** Format: date-time */
        at: string;
        sentence: string;
        /** Format: date-time */
        since: string;
      } | null;
      taskArn: string | null;
      taskDefinition: string | null;
      /** @default null */
      usage: components['schemas']['UsageView'] | null;
      uuid: string;
      /** @default null */
      verdict:
        | (
            | 'starting'
            | 'ready'
            | 'running'
            | 'last_words'
            | 'terminated'
            | 'no_information'
            | 'unreachable'
            | 'contradiction'
          )
        | null;
    };
    AuditPage: {
      entries: {
        action: string;
        actor: string;
        /** Format: date-time */
        at: string;
        detail: {
          [key: string]: unknown;
        } | null;
        id: number;
        subject: string;
      }[];
      nextCursor: string | null;
    };
    BuildKeysView: {
      keys: ({
        createdAt: string | null;
        kid: string;
        kty: string;
      } & {
        [key: string]: unknown;
      })[];
    };
    BuildStepView: {
      command: string | null;
      endedAt: string | null;
      event: string;
      exitCode: number | null;
      line: number | null;
      name: string;
      number: number;
      of: number | null;
      offset: number | null;
      /** @default null */
      outcome: ('running' | 'done' | 'failed' | 'lost') | null;
      /** Format: date-time */
      startedAt: string;
    };
    ClusterView: {
      accessKeyId: string | null;
      cluster: string;
      connection: {
        [key: string]: unknown;
      };
      endpoint: string | null;
      externalId: string | null;
      fallback: string[];
      hasSecret: boolean;
      hasSessionToken: boolean;
      isActive: boolean;
      launch: {
        [key: string]: unknown;
      };
      name: string;
      region: string;
      roleArn: string | null;
      /** Format: date-time */
      updatedAt: string;
    };
    ConnectionStatus: {
      maintenance: components['schemas']['MaintenanceView'];
      node: string;
      nodes: {
        clockOffsetMs?: number | null;
        name: string;
        /** Format: date-time */
        seenAt: string;
        shortestLeaseSeconds?: number | null;
        /** Format: date-time */
        startedAt: string;
        tasksHeld?: number;
        version: string;
      }[];
      /** Format: date-time */
      now: string;
      pauses: components['schemas']['PausesView'];
      /** @constant */
      service: 'wip';
      tasks: {
        [key: string]: number;
      };
      version: string;
      wakes?: {
        count: number;
        medianSeconds: number;
        p99Seconds: number;
      } | null;
    };
    DoctorAnswer: {
      checks: {
        message: string;
        name: string;
        /** @enum {string} */
        outcome: 'ok' | 'warning' | 'failed';
        remedy: string | null;
        tookMs: number;
      }[];
      node: string;
      version: string;
    };
    ErrorAnswer: {
      code: string;
      /** @default  */
      detail: string;
      details?: {
        message: string;
        path: string;
      }[];
      message: string;
      requestId: string;
      /** @default 0 */
      status: number;
      /** @default  */
      title: string;
      /** @default about:blank */
      type: string;
    };
    EventView:
      | {
          /** Format: date-time */
          at: string;
          attempt: number;
          consumedAt: string | null;
          /** @constant */
          kind: 'signal';
          sequence: number;
          signal: string;
          usedAt: string | null;
        }
      | {
          action: string;
          /** Format: date-time */
          at: string;
          by: string;
          /** @constant */
          kind: 'request';
        };
    FailedStepView: {
      command: string | null;
      event: string;
      exitCode: number | null;
      line: number | null;
      name: string;
      number: number;
      of: number | null;
      offset: number | null;
      sentence: string | null;
    };
    GroupView: {
      clusters: string[];
      maxRunning: number;
      name: string;
      oldestQueuedAt?: string | null;
      pause: ('soft' | 'hard') | null;
      pausedBy?: string | null;
      pausedSince?: string | null;
      queued: number;
      retentionDays: number;
      running: number;
      usualSeconds?: number | null;
      usualWait?: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
    };
    KindTableAnswer: {
      kind: string;
      layout: {
        edges: {
          from: string;
          points: [number, number][];
          to: string;
          values: string[];
        }[];
        height: number;
        nodes: {
          height: number;
          state: string;
          width: number;
          x: number;
          y: number;
        }[];
        width: number;
      };
      start: string | null;
      states: {
        /** @enum {string} */
        block: 'start' | 'work' | 'stop';
        method: string | null;
        name: string;
        rows: {
          maxTimes: number;
          runsTarget: boolean;
          target: string;
          value: string;
          waitSeconds: number;
        }[];
        timer: string;
      }[];
    };
    LimitsView: {
      diskBytes: number | null;
      memoryBytes: number | null;
      processors: number | null;
      timeSeconds: number | null;
    };
    LogView: {
      /** Format: date-time */
      at: string;
      id: number;
      /** @enum {string} */
      level: 'FATAL' | 'ERROR' | 'WARN' | 'ALERT' | 'INFO' | 'DEBUG' | 'TRACE';
      message: string;
      userReadable: boolean;
    };
    MaintenanceView: {
      by: string | null;
      isOn: boolean;
      reason: string | null;
      since: string | null;
    };
    MeAnswer: {
      groups: string[];
      name: string;
      /** @enum {string} */
      role: 'viewer' | 'submitter' | 'operator' | 'admin';
    };
    NewTokenAnswer: {
      /** Format: date-time */
      createdAt: string;
      /** @default [] */
      groups: string[];
      id: number;
      name: string;
      revokedAt: string | null;
      /** @enum {string} */
      role: 'viewer' | 'submitter' | 'operator' | 'admin';
      token: string;
    };
    OutputView: {
      /** Format: date-time */
      at: string;
      attempt: number;
      /** Format: base64 */
      data: string;
      id: number;
      offset: number;
      /** @default 0 */
      omittedBefore: number;
      processId: string;
      /** @enum {string} */
      stream: 'stdout' | 'stderr';
    };
    PausesView: {
      global: ('soft' | 'hard') | null;
      groups: {
        [key: string]: 'soft' | 'hard';
      };
      origins?: {
        [key: string]: {
          by: string;
          /** Format: date-time */
          since: string;
        };
      };
    };
    PingAnswer: {
      /** Format: date-time */
      now: string;
      /** @constant */
      service: 'wip';
      tasks: {
        [key: string]: number;
      };
      version: string;
    };
    RotationAnswer: {
      isDone: boolean;
      keys: {
        id: string;
        values: number;
      }[];
      nodes: {
        masterKeys: string[] | null;
        name: string;
        sealingWith: string | null;
      }[];
      rewrapped: number;
      sealingWith: string | null;
      target: string;
      waitingFor: string[];
    };
    RunningStepView: {
      name: string;
      number: number;
      of: number;
      /** Format: date-time */
      since: string;
    };
    SecretsView: {
      isDone: boolean;
      keys: {
        id: string;
        values: number;
      }[];
      nodes: {
        masterKeys: string[] | null;
        name: string;
        sealingWith: string | null;
      }[];
      sealingWith: string | null;
      target: string;
      waitingFor: string[];
    };
    SourceView: {
      branch: string | null;
      commit: string | null;
      ref: string | null;
      repository: string;
    };
    StepView: {
      /** Format: date-time */
      at: string;
      executed: boolean;
      from: string | null;
      note: string | null;
      number: number;
      to: string;
      tookMs: number | null;
      value: string | null;
    };
    TaskAttemptView: {
      address: string | null;
      cause: string | null;
      cluster: string | null;
      /** @default null */
      clusterReason: string | null;
      /** Format: date-time */
      createdAt: string;
      endedAt: string | null;
      /** @default [] */
      evidence: string[];
      /** @default null */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      /** @default null */
      legacy: {
        lacks: string[];
      } | null;
      /** @default null */
      limits: components['schemas']['LimitsView'] | null;
      number: number;
      readyAt: string | null;
      /** @default null */
      remedy: string | null;
      /** @default null */
      sentence: string | null;
      state: string;
      /** @default null */
      stopFailure: {
        /** Format: date-time */
        at: string;
        sentence: string;
        /** Format: date-time */
        since: string;
      } | null;
      taskArn: string | null;
      /** @default null */
      usage: components['schemas']['UsageView'] | null;
      uuid: string;
      /** @default null */
      verdict:
        | (
            | 'starting'
            | 'ready'
            | 'running'
            | 'last_words'
            | 'terminated'
            | 'no_information'
            | 'unreachable'
            | 'contradiction'
          )
        | null;
    };
    TaskPage: {
      nextCursor: string | null;
      searchedUntil?: string | null;
      tasks: components['schemas']['TaskSummary'][];
    };
    TaskSummary: {
      cause: string | null;
      completedAt: string | null;
      /** Format: date-time */
      createdAt: string;
      createdBy: string | null;
      exitMessage: string | null;
      /** @enum {string} */
      exitStatus: 'NOT_FINISHED' | 'WARNING' | 'ERROR_SYSTEM' | 'TERMINATED' | 'COMPLETED' | 'ERROR_USER';
      /** @default null */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      group: string;
      id: number;
      isPaused: boolean;
      /** @default false */
      isPrioritised: boolean;
      isTerminating: boolean;
      kind: string;
      /**
       * @default running
       * @enum {string}
       */
      phase: 'queued' | 'starting' | 'running' | 'ending' | 'ended';
      /** @enum {string} */
      priority: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
      /** @default null */
      source: components['schemas']['SourceView'] | null;
      startedAt: string | null;
      state: string | null;
      /** @default null */
      stateSince: string | null;
      /** @enum {string} */
      status: 'NOT_READY' | 'NOT_STARTED' | 'WAITING' | 'PROCESSING' | 'COMPLETE' | 'RESTARTED';
      /** @default null */
      step: components['schemas']['RunningStepView'] | null;
      title: string;
      /** @default null */
      usualSeconds: number | null;
      uuid: string;
      /** @default null */
      waiting: {
        code: string;
        count: number | null;
        evidence: string[];
        last: string | null;
        remedy: string | null;
        sentence: string;
        since: string | null;
        until: string | null;
      } | null;
      waitsBecause: string | null;
      wakeAt: string | null;
      why: string;
    };
    TaskView: {
      /** @default null */
      artefactCommit: string | null;
      attempts: components['schemas']['TaskAttemptView'][];
      /** @default null */
      builtCommit: string | null;
      cause: string | null;
      clientJobId: string | null;
      completedAt: string | null;
      /** Format: date-time */
      createdAt: string;
      createdBy: string | null;
      /** @default [] */
      evidence: string[];
      exitDetail: string | null;
      exitMessage: string | null;
      /** @enum {string} */
      exitStatus: 'NOT_FINISHED' | 'WARNING' | 'ERROR_SYSTEM' | 'TERMINATED' | 'COMPLETED' | 'ERROR_USER';
      /** @default null */
      failedStep: components['schemas']['FailedStepView'] | null;
      /** @default null */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      group: string;
      id: number;
      isPaused: boolean;
      /** @default false */
      isPrioritised: boolean;
      isTerminating: boolean;
      kind: string;
      options: {
        [key: string]: unknown;
      };
      /**
       * @default running
       * @enum {string}
       */
      phase: 'queued' | 'starting' | 'running' | 'ending' | 'ended';
      /** @enum {string} */
      priority: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
      /** @default null */
      remedy: string | null;
      /** @default null */
      source: components['schemas']['SourceView'] | null;
      startedAt: string | null;
      state: string | null;
      /** @default null */
      stateSince: string | null;
      /** @enum {string} */
      status: 'NOT_READY' | 'NOT_STARTED' | 'WAITING' | 'PROCESSING' | 'COMPLETE' | 'RESTARTED';
      /** @default null */
      step: components['schemas']['RunningStepView'] | null;
      /** @default [] */
      steps: components['schemas']['BuildStepView'][];
      /** @default null */
      terminateRequest: {
        /** Format: date-time */
        at: string;
        by: string | null;
      } | null;
      title: string;
      usage: components['schemas']['UsageView'] | null;
      /** @default null */
      usual: components['schemas']['UsualView'] | null;
      /** @default null */
      usualSeconds: number | null;
      uuid: string;
      /** @default null */
      waiting: {
        code: string;
        count: number | null;
        evidence: string[];
        last: string | null;
        remedy: string | null;
        sentence: string;
        since: string | null;
        until: string | null;
      } | null;
      waitsBecause: string | null;
      wakeAt: string | null;
      why: string;
    };
    TokenView: {
      /** Format: date-time */
      createdAt: string;
      /** @default [] */
      groups: string[];
      id: number;
      name: string;
      revokedAt: string | null;
      /** @enum {string} */
      role: 'viewer' | 'submitter' | 'operator' | 'admin';
    };
    UsageView: {
      cpuSeconds: number | null;
      diskPeakBytes: number | null;
      diskWorkloadBytes: number | null;
      memoryPeakBytes: number | null;
      outputBytes: number | null;
      outputOmittedBytes: number | null;
      wallSeconds: number | null;
    };
    UsualView: {
      ending: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      queued: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      running: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      samples: number;
      starting: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      total: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
    };
  };
  responses: {
    /** @description Why it was not done */
    Refusal: {
      headers: {
        /** @description With 405: the methods of the path */
        allow?: string;
        /** @description With 429 and 503: after how many seconds the request may be sent again */
        'retry-after'?: string;
        /** @description With 401: the kind of proof */
        'www-authenticate'?: string;
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ErrorAnswer'];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getHealthz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @constant */
            alive: true;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The text format of Prometheus */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getReadyz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            launches?: string[];
            ready: boolean;
            reasons: string[];
          };
        };
      };
      /** @description Done */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            launches?: string[];
            ready: boolean;
            reasons: string[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getAudit: {
    parameters: {
      query?: {
        action?: string;
        actor?: string;
        cursor?: number;
        limit?: number;
        since?: string;
        subject?: string;
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AuditPage'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getBuildStepsPublicKey: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The key as PEM */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-pem-file': string;
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getBuildStepsPublicKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BuildKeysView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postBuildStepsPublicKeys: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BuildKeysView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getCauses: {
    parameters: {
      query?: {
        since?: string;
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            causes: {
              cause: string | null;
              count: number;
              fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
              /** Format: date-time */
              lastAt: string;
              lastTaskId: number;
            }[];
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getClusters: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            clusters: components['schemas']['ClusterView'][];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getClustersName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClusterView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putClustersName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          accessKeyId?: string;
          cluster: string;
          connection?: {
            [key: string]: unknown;
          };
          /** Format: uri */
          endpoint?: string;
          externalId?: string;
          fallback?: string[];
          launch: {
            [key: string]: unknown;
          };
          region: string;
          replaces?: string | null;
          roleArn?: string;
          secretAccessKey?: string;
          sessionToken?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClusterView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteClustersName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nothing to say */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components['responses']['Refusal'];
    };
  };
  putClustersNameActive: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ClusterView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getClustersNameCheck: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            readonly checks: {
              message: string;
              name: string;
              /** @enum {string} */
              outcome: 'ok' | 'warning' | 'failed' | 'unchecked';
              remedy: string | null;
            }[];
            cluster: string;
            node: string;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getConfig: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            node: string;
            settings: {
              readonly covers: {
                from: string;
                value: unknown;
              }[];
              from: string;
              path: string;
              /** @enum {string} */
              state: 'set' | 'removed';
              value?: unknown;
            }[];
            version: string;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getConnectionStatus: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ConnectionStatus'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getDoctor: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DoctorAnswer'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getEcsQuotas: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            node: string;
            quotas: {
              burst: number;
              cluster: string;
              perSecond: number;
              quota: string;
              tokens: number;
              waitedSeconds?: number;
            }[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postEncrypt: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          value: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            secure: string;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postEnrol: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          agentVersion: string;
          enrol: string;
          hostKey: string;
          nonce: string;
          /** Format: date-time */
          startedAt: string;
          taskArn?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            clientKeys: string[];
            heartbeatSeconds: number;
            /** Format: base64 */
            key: string;
            keyId: string;
            limits: {
              maxDiskGb: number | null;
              maxTimeSeconds: number | null;
            };
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getGroups: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            groups: components['schemas']['GroupView'][];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getGroupsName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['GroupView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putGroupsName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          clusters?: string[];
          maxRunning?: number;
          retentionDays?: number;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['GroupView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteGroupsName: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nothing to say */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components['responses']['Refusal'];
    };
  };
  getGroupsNameQueue: {
    parameters: {
      query?: {
        limit?: number;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            group: string;
            of: number;
            queued: {
              closed: {
                by: string | null;
                /** @enum {string} */
                code:
                  | 'not-released'
                  | 'task-paused'
                  | 'all-paused'
                  | 'group-paused'
                  | 'class-missing'
                  | 'maintenance'
                  | 'target-in-use'
                  | 'group-full';
                group: string | null;
                isOpen: boolean;
                sentence: string;
                since: string | null;
                taskIds: number[];
              }[];
              expectedStartAt: string | null;
              position: number;
              task: components['schemas']['TaskSummary'];
            }[];
            usualSeconds: number | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postHooksGithub: {
    parameters: {
      query?: never;
      header: {
        'x-github-delivery': string;
        'x-github-event': string;
        'x-hub-signature-256': string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': unknown;
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            message: string;
            /** @enum {string} */
            outcome: 'added' | 'known' | 'nothing';
            task: number | null;
          };
        };
      };
      /** @description Done */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            message: string;
            /** @enum {string} */
            outcome: 'added' | 'known' | 'nothing';
            task: number | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postHooksGitlab: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
        'webhook-signature'?: string;
        'x-gitlab-token'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': unknown;
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            message: string;
            /** @enum {string} */
            outcome: 'added' | 'known' | 'nothing';
            task: number | null;
          };
        };
      };
      /** @description Done */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            message: string;
            /** @enum {string} */
            outcome: 'added' | 'known' | 'nothing';
            task: number | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getKinds: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            kinds: {
              kind: string;
            }[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getKindsKindTable: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        kind: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['KindTableAnswer'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getMe: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MeAnswer'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getOpenapiJson: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description An OpenAPI 3.1 document */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            openapi: string;
            paths: {
              [key: string]: unknown;
            };
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getPing: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PingAnswer'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getReconcile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            readonly reports: {
              adopted: {
                readonly containers: {
                  arn: string | null;
                  attempt: number;
                  cluster: string;
                  task: number;
                }[];
                count: number;
              };
              /** Format: date-time */
              at: string;
              finished: {
                readonly containers: {
                  arn: string | null;
                  attempt: number;
                  cluster: string;
                  task: number;
                }[];
                count: number;
              };
              node: string;
              unknown: {
                readonly containers: {
                  arn: string | null;
                  attempt: number;
                  cluster: string;
                  task: number;
                }[];
                count: number;
              };
              unowned: {
                readonly containers: {
                  arn: string | null;
                  attempt: number;
                  cluster: string;
                  task: number;
                }[];
                count: number;
              };
              /** @enum {string} */
              unownedAre: 'stopped' | 'reported';
              readonly unseenClusters: string[];
            }[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postReconcile: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            adopted: {
              readonly containers: {
                arn: string | null;
                attempt: number;
                cluster: string;
                task: number;
              }[];
              count: number;
            };
            /** Format: date-time */
            at: string;
            finished: {
              readonly containers: {
                arn: string | null;
                attempt: number;
                cluster: string;
                task: number;
              }[];
              count: number;
            };
            node: string;
            unknown: {
              readonly containers: {
                arn: string | null;
                attempt: number;
                cluster: string;
                task: number;
              }[];
              count: number;
            };
            unowned: {
              readonly containers: {
                arn: string | null;
                attempt: number;
                cluster: string;
                task: number;
              }[];
              count: number;
            };
            /** @enum {string} */
            unownedAre: 'stopped' | 'reported';
            readonly unseenClusters: string[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getSecrets: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SecretsView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postSecretsRotate: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          to: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RotationAnswer'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            opensWithoutToken: boolean;
            session: {
              csrfToken: string;
              name: string;
              /** @enum {string} */
              role: 'viewer' | 'submitter' | 'operator' | 'admin';
            } | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          token?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            opensWithoutToken: boolean;
            session: {
              csrfToken: string;
              name: string;
              /** @enum {string} */
              role: 'viewer' | 'submitter' | 'operator' | 'admin';
            } | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteSession: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Nothing to say */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components['responses']['Refusal'];
    };
  };
  postSignalCallback: {
    parameters: {
      query?: never;
      header?: {
        authorization?: string;
        'webhook-id'?: string;
        'webhook-signature'?: string;
        'webhook-timestamp'?: string;
      };
      path: {
        callback: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json':
          | ({
              agentVersion?: string;
              /** @constant */
              classId: '$acquia.wip.signal.container.complete';
              host?: string;
              initialDisk?: number;
              /** @enum {string} */
              isolation?: 'container' | 'none';
              pid: number;
              ports?: {
                [key: string]: number;
              };
              shutdownFile?: string;
              socket?: string;
              startTime: number;
              /** @constant */
              type?: 1;
              uncoveredMounts?: string[];
            } & {
              [key: string]: unknown;
            })
          | ({
              /** @enum {string} */
              cause?:
                | 'shutdown-file'
                | 'limit-disk'
                | 'limit-inodes'
                | 'limit-time'
                | 'host-disk-pressure'
                | 'no-progress'
                | 'sigterm'
                | 'spot'
                | 'enrolment-void'
                | 'internal';
              causes?: (
                | 'shutdown-file'
                | 'limit-disk'
                | 'limit-inodes'
                | 'limit-time'
                | 'host-disk-pressure'
                | 'no-progress'
                | 'sigterm'
                | 'spot'
                | 'enrolment-void'
                | 'internal'
              )[];
              /** @constant */
              classId: '$acquia.wip.signal.container.terminated';
              exitLog: string;
              log: string;
              process?: {
                command: string;
                id: string;
                runtimeSeconds: number;
                user: string | null;
              };
              stderr?: {
                bytes: number;
                /** Format: base64 */
                head: string;
                omitted: number;
                /** Format: base64 */
                tail: string;
              };
              stdout?: {
                bytes: number;
                /** Format: base64 */
                head: string;
                omitted: number;
                /** Format: base64 */
                tail: string;
              };
              /** @constant */
              type?: 3;
            } & {
              [key: string]: unknown;
            })
          | ({
              /** @enum {string} */
              cause?:
                | 'shutdown-file'
                | 'limit-disk'
                | 'limit-inodes'
                | 'limit-time'
                | 'host-disk-pressure'
                | 'no-progress'
                | 'sigterm'
                | 'spot'
                | 'enrolment-void'
                | 'internal';
              causes?: (
                | 'shutdown-file'
                | 'limit-disk'
                | 'limit-inodes'
                | 'limit-time'
                | 'host-disk-pressure'
                | 'no-progress'
                | 'sigterm'
                | 'spot'
                | 'enrolment-void'
                | 'internal'
              )[];
              /** @constant */
              classId: '$acquia.wip.signal.container.data';
              disk: number | null;
              exitCode?: number;
              initial_disk: number | null;
              time: number;
              /** @constant */
              type?: 2;
              usage?: {
                cpuSeconds: number | null;
                disk: {
                  /** @enum {string} */
                  confidence: 'exact' | 'estimated' | 'stale' | 'unknown';
                  initialBytes: number | null;
                  inodesPeak: number | null;
                  method: ('statfs' | 'changed-files') | null;
                  peakBytes: number | null;
                  workloadBytes: number | null;
                };
                memoryPeakBytes: number | null;
                network?: {
                  rx: number;
                  tx: number;
                } | null;
                oomKills: number | null;
                output: {
                  bytes: number;
                  omitted: number;
                };
                processes: {
                  peak: number;
                  started: number;
                };
                wallSeconds: number;
              };
            } & {
              [key: string]: unknown;
            })
          | ({
              bytes: {
                stderr: number;
                stdout: number;
              };
              /** @constant */
              classId: '$acquia.wip.signal.ssh.complete';
              omitted: {
                stderr: number;
                stdout: number;
              };
              pid: number | null;
              processId: string;
              result: {
                endTime: number;
                exitCode: number | null;
                reason:
                  | ('exited' | 'killed' | 'oom' | 'cancelled' | 'spawn-failed')
                  | (
                      | 'shutdown-file'
                      | 'limit-disk'
                      | 'limit-inodes'
                      | 'limit-time'
                      | 'host-disk-pressure'
                      | 'no-progress'
                      | 'sigterm'
                      | 'spot'
                      | 'enrolment-void'
                      | 'internal'
                    );
                signal: string | null;
              };
              server?: string;
              startTime: number;
              /** @constant */
              type?: 1;
            } & {
              [key: string]: unknown;
            });
      };
    };
    responses: {
      /** @description Nothing to say */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components['responses']['Refusal'];
    };
  };
  postSignalCallbackChunks: {
    parameters: {
      query?: never;
      header: {
        'webhook-id': string;
        'webhook-signature': string;
        'webhook-timestamp': string;
      };
      path: {
        callback: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** Format: base64 */
          data: string;
          more?: {
            /** Format: base64 */
            data: string;
            offset: number;
            /** @enum {string} */
            stream: 'stdout' | 'stderr';
          }[];
          offset: number;
          processId: string;
          /** @enum {string} */
          stream: 'stdout' | 'stderr';
        };
      };
    };
    responses: {
      /** @description Done */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @default false */
            takesMore: boolean;
            watched: boolean;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postSignalCallbackHeartbeat: {
    parameters: {
      query?: never;
      header: {
        'webhook-id': string;
        'webhook-signature': string;
        'webhook-timestamp': string;
      };
      path: {
        callback: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** Format: date-time */
          at: string;
          progress: number;
          secondsToDiskLimit: number | null;
          secondsToTimeLimit: number | null;
          usage: {
            cpuSeconds: number | null;
            disk: {
              /** @enum {string} */
              confidence: 'exact' | 'estimated' | 'stale' | 'unknown';
              initialBytes: number | null;
              inodesPeak: number | null;
              method: ('statfs' | 'changed-files') | null;
              peakBytes: number | null;
              workloadBytes: number | null;
            };
            memoryPeakBytes: number | null;
            network?: {
              rx: number;
              tx: number;
            } | null;
            oomKills: number | null;
            output: {
              bytes: number;
              omitted: number;
            };
            processes: {
              peak: number;
              started: number;
            };
            wallSeconds: number;
          };
        };
      };
    };
    responses: {
      /** @description Nothing to say */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      default: components['responses']['Refusal'];
    };
  };
  getStateMaintenance: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MaintenanceView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putStateMaintenance: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          reason?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MaintenanceView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteStateMaintenance: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MaintenanceView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getStateRestored: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            restored: {
              /** Format: date-time */
              at: string;
              /** Format: date-time */
              dumpedAt: string;
            } | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteStateRestored: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            restored: {
              /** Format: date-time */
              at: string;
              /** Format: date-time */
              dumpedAt: string;
            } | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getStream: {
    parameters: {
      query?: {
        branch?: string;
        cause?: string;
        client_job_id?: string;
        commit?: string;
        exit?: string;
        fault?: 'user' | 'system' | 'capacity' | 'configuration' | 'spot';
        group?: string;
        parent?: number;
        paused?: 'true' | 'false';
        priority?: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
        q?: string;
        repository?: string;
        since?: string;
        status?: string;
        submitter?: string;
        until?: string;
        uuid?: string;
      };
      header?: {
        'last-event-id'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events task (a TaskSummary that is new or changed), left (the id of a task that no longer matches the filter) and checked */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTaskDefinitions: {
    parameters: {
      query?: {
        family?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            definitions: {
              arn: string;
              cluster: string;
              containers: number;
              family: string;
              id: number;
              region: string;
              /** Format: date-time */
              registeredAt: string;
              revision: number;
              /** @enum {string} */
              state: 'active' | 'retired' | 'deregistered';
              tasks: number[];
              /** Format: date-time */
              usedAt: string;
            }[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTaskDefinitionsId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            arn: string;
            cluster: string;
            containers: number;
            definition: {
              [key: string]: unknown;
            };
            family: string;
            id: number;
            region: string;
            /** Format: date-time */
            registeredAt: string;
            revision: number;
            /** @enum {string} */
            state: 'active' | 'retired' | 'deregistered';
            tasks: number[];
            /** Format: date-time */
            usedAt: string;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTaskDefinitionsIdDiff: {
    parameters: {
      query: {
        before: number;
      };
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            after: {
              arn: string;
              cluster: string;
              containers: number;
              family: string;
              id: number;
              region: string;
              /** Format: date-time */
              registeredAt: string;
              revision: number;
              /** @enum {string} */
              state: 'active' | 'retired' | 'deregistered';
              tasks: number[];
              /** Format: date-time */
              usedAt: string;
            };
            before: {
              arn: string;
              cluster: string;
              containers: number;
              family: string;
              id: number;
              region: string;
              /** Format: date-time */
              registeredAt: string;
              revision: number;
              /** @enum {string} */
              state: 'active' | 'retired' | 'deregistered';
              tasks: number[];
              /** Format: date-time */
              usedAt: string;
            };
            differences: {
              after: unknown;
              before: unknown;
              path: string;
            }[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTaskSummary: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            groups: {
              causes: {
                [key: string]: number;
              };
              exits: {
                [key: string]: number;
              };
              group: string;
              statuses: {
                [key: string]: number;
              };
            }[];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasks: {
    parameters: {
      query?: {
        branch?: string;
        cause?: string;
        client_job_id?: string;
        commit?: string;
        cursor?: number;
        exit?: string;
        fault?: 'user' | 'system' | 'capacity' | 'configuration' | 'spot';
        group?: string;
        limit?: number;
        parent?: number;
        paused?: 'true' | 'false';
        priority?: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
        q?: string;
        repository?: string;
        since?: string;
        status?: string;
        submitter?: string;
        until?: string;
        uuid?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskPage'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postTasks: {
    parameters: {
      query?: never;
      header?: {
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          clientJobId?: string;
          /** @description Default: the group of the kind. Roles below operator may only name a group that exists. */
          group?: string;
          kind: string;
          options: {
            [key: string]: unknown;
          };
          /**
           * @description Default: the priority of the kind. Roles below operator may not give an earlier one.
           * @enum {string}
           */
          priority?: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
          title?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      /** @description Done */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdAttempts: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            attempts: components['schemas']['AttemptDetail'][];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdEvents: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            events: components['schemas']['EventView'][];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdLogs: {
    parameters: {
      query?: {
        after?: number;
        limit?: number;
      };
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            logs: components['schemas']['LogView'][];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdOutput: {
    parameters: {
      query?: {
        after?: number;
        before?: number;
        download?: 'true' | 'false';
        limit?: number;
        offset?: number;
        since?: string;
        stream?: 'stdout' | 'stderr' | 'all';
      };
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stretch of one stream, or pieces of both, or everything as a file */
      200: {
        headers: {
          /** @description Of a stretch of one stream: the offset of the next one; it counts no marks */
          'wip-next-offset'?: string;
          /** @description Of a stretch of one stream: how many of its bytes are missing */
          'wip-omitted-bytes'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            next: number;
            pieces: components['schemas']['OutputView'][];
          };
          'application/octet-stream': string;
          'text/plain': string;
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putTasksIdPause: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteTasksIdPause: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putTasksIdPriority: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          priority: 'FIRST' | 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
        };
      };
    };
    responses: {
      /** @description Done */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdQueue: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            expectedStartAt: string | null;
            gates: {
              by: string | null;
              /** @enum {string} */
              code:
                | 'not-released'
                | 'task-paused'
                | 'all-paused'
                | 'group-paused'
                | 'class-missing'
                | 'maintenance'
                | 'target-in-use'
                | 'group-full';
              group: string | null;
              isOpen: boolean;
              sentence: string;
              since: string | null;
              taskIds: number[];
            }[];
            of: number | null;
            position: number | null;
            usualSeconds: number | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putTasksIdRestart: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdSeenBefore: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            cause: string | null;
            count: number;
            isMore: boolean;
            lastAt: string | null;
            lastTaskId: number | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdSimulationScript: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The script */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdStream: {
    parameters: {
      query?: never;
      header?: {
        'last-event-id'?: string;
      };
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Events task, state, log, output and end */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putTasksIdTerminate: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdTranscript: {
    parameters: {
      query?: {
        after?: number;
        limit?: number;
      };
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            steps: components['schemas']['StepView'][];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksIdUsage: {
    parameters: {
      query?: {
        limit?: number;
        since?: string;
      };
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            samples: {
              /** Format: date-time */
              at: string;
              attempt: number;
              progress: number;
              usage: {
                [key: string]: unknown;
              };
            }[];
            total: components['schemas']['UsageView'] | null;
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTasksInProcessing: {
    parameters: {
      query?: {
        cursor?: number;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskPage'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  putTasksPause: {
    parameters: {
      query?: {
        group?: string | string[];
        groups?: string;
        type?: 'soft' | 'hard';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PausesView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteTasksPause: {
    parameters: {
      query?: {
        group?: string | string[];
        groups?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PausesView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  getTokens: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            tokens: components['schemas']['TokenView'][];
          };
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  postTokens: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @default [] */
          groups?: string[];
          name: string;
          /** @enum {string} */
          role: 'viewer' | 'submitter' | 'operator' | 'admin';
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewTokenAnswer'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
  deleteTokensId: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TokenView'];
        };
      };
      default: components['responses']['Refusal'];
    };
  };
}
