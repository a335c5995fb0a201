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
      /** @description `host:port` of the container's SSH, as ECS reports it. */
      address: string | null;
      /** @description When its agent last reported. */
      agentSeenAt: string | null;
      /** @description Null before its agent has enrolled. */
      agentVersion: string | null;
      /** @description Why it ended, once that is decided: one word, then whose fault, a sentence, and the facts behind it. */
      cause: string | null;
      /** @description Name of the cluster in Wip. */
      cluster: string | null;
      /**
       * @description Why it went to this cluster, as a clause.
       * @default null
       */
      clusterReason: string | null;
      /**
       * Format: date-time
       * @description When the launch was decided.
       */
      createdAt: string;
      /**
       * @description When ECS last described the container.
       * @default null
       */
      ecsSeenAt: string | null;
      /** @description The last word of ECS, as it was stored; for operators. */
      ecsWitness: {
        [key: string]: unknown;
      } | null;
      /** @description When it was known to have ended. */
      endedAt: string | null;
      /**
       * @description Address of the ECS that it was launched with, where that is not Amazon's own for the region.
       * @default null
       */
      endpoint: string | null;
      /** @description When its agent enrolled. */
      enrolledAt: string | null;
      /**
       * @description The facts behind its end, in the words of ECS, of the agent and of the control plane.
       * @default []
       */
      evidence: string[];
      /**
       * @description Whose doing its end was.
       * @default null
       */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      /** @description When ECS accepted the launch. */
      launchedAt: string | null;
      /**
       * @description What the container lacks because its image has no agent, in sentences without a full stop; null: the image has the agent.
       * @default null
       */
      legacy: {
        lacks: string[];
      } | null;
      /**
       * @description The limits of the container.
       * @default null
       */
      limits: components['schemas']['LimitsView'] | null;
      /** @description Number of the container within the task, from 1. */
      number: number;
      /** @description When its agent said ready. */
      readyAt: string | null;
      /**
       * @description What to do about its end.
       * @default null
       */
      remedy: string | null;
      /** @description When ECS first said RUNNING. */
      runningAt: string | null;
      /**
       * @description Why it ended, for people.
       * @default null
       */
      sentence: string | null;
      /**
       * @description The public SSH host key that its agent enrolled with, as known_hosts has it: type and key.
       * @default null
       */
      sshHostKey: string | null;
      /**
       * @description When its agent last answered over SSH with the expected host key.
       * @default null
       */
      sshProvenAt: string | null;
      /** @description When SSH first led to its agent. */
      sshVerifiedAt: string | null;
      /** @description The last word of SSH, as it was stored; for operators. */
      sshWitness: {
        [key: string]: unknown;
      } | null;
      /** @description The state of the attempt in the store's words: launching, running, stopped, void … */
      state: string;
      /**
       * @description Why ECS has not accepted the last request to stop it, so that it still runs; null: no stop was requested, or ECS accepted it.
       * @default null
       */
      stopFailure: {
        /** Format: date-time */
        at: string;
        /** @description Why it ended, for people. */
        sentence: string;
        /** Format: date-time */
        since: string;
      } | null;
      /** @description ARN of the task in ECS; null before ECS has answered. */
      taskArn: string | null;
      /** @description ARN of the task definition that it was launched with. */
      taskDefinition: string | null;
      /**
       * @description Usage of this container alone.
       * @default null
       */
      usage: components['schemas']['UsageView'] | null;
      /** @description UUID of the attempt. */
      uuid: string;
      /**
       * @description What its three witnesses (agent, SSH, ECS) prove of it at this moment; null: there is no container.
       * @default null
       */
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
      /** @description The newest first. */
      entries: {
        /** @description What was done. */
        action: string;
        /** @description Name of the token. */
        actor: string;
        /** Format: date-time */
        at: string;
        /** @description The change itself, without secrets. */
        detail: {
          [key: string]: unknown;
        } | null;
        id: number;
        /** @description What was changed, such as `task/7`. */
        subject: string;
      }[];
      /** @description `cursor` of the page of older entries; null when there are none. */
      nextCursor: string | null;
    };
    BuildKeysView: {
      /** @description JSON Web Keys, the one that seals first. */
      keys: ({
        createdAt: string | null;
        kid: string;
        kty: string;
      } & {
        [key: string]: unknown;
      })[];
    };
    BuildStepView: {
      /** @description The command at which it failed. */
      command: string | null;
      /** @description When it ended. */
      endedAt: string | null;
      /** @description Event of the build file that it belongs to. */
      event: string;
      /** @description Exit code of the step. */
      exitCode: number | null;
      /** @description Line in the build file: of the step, or of the command at which it failed. */
      line: number | null;
      /** @description Name in the build file. */
      name: string;
      /** @description Number of the step within its event, from 1. */
      number: number;
      /** @description Null when the build ended before all its steps had begun. */
      of: number | null;
      /** @description Where its header begins in the stdout of the build's process. */
      offset: number | null;
      /**
       * @description Null: the node that answers is of an earlier version, which does not report it.
       * @default null
       */
      outcome: ('running' | 'done' | 'failed' | 'lost') | null;
      /**
       * Format: date-time
       * @description When it began.
       */
      startedAt: string;
    };
    ClusterView: {
      /** @description Null: the AWS SDK's own chain of credentials is used. */
      accessKeyId: string | null;
      /** @description Name or ARN of the cluster in ECS. */
      cluster: string;
      /** @description How AWS is reached: fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue; what is absent is as the SDK has it. */
      connection: {
        [key: string]: unknown;
      };
      /** @description Address of ECS where it is not Amazon's own for the region. */
      endpoint: string | null;
      /** @description External id that the role asks for. */
      externalId: string | null;
      /** @description Clusters that are tried in this order when this one has no room. */
      fallback: string[];
      /** @description A secret is stored; no answer holds it. */
      hasSecret: boolean;
      /** @description A session token is stored; no answer holds it. */
      hasSessionToken: boolean;
      /** @description Tasks without a cluster of their own are launched here. */
      isActive: boolean;
      /** @description How containers are launched: `ec2`, `fargate` with subnets, or `capacity-providers`. */
      launch: {
        [key: string]: unknown;
      };
      /** @description Name of the cluster in Wip. */
      name: string;
      /** @description Region of AWS. */
      region: string;
      /** @description A role that is assumed with these credentials. */
      roleArn: string | null;
      /**
       * Format: date-time
       * @description To be sent back as `replaces`, so that no change of somebody else is lost.
       */
      updatedAt: string;
    };
    ConnectionStatus: {
      /** @description Whether new tasks are refused. */
      maintenance: components['schemas']['MaintenanceView'];
      /** @description The node that answered. */
      node: string;
      /** @description The nodes that have reported in the last half minute. */
      nodes: {
        /** @description How far its clock is ahead of the database's, at its last heartbeat; null for a node of an earlier version. */
        clockOffsetMs?: number | null;
        name: string;
        /**
         * Format: date-time
         * @description When it last reported.
         */
        seenAt: string;
        /** @description Seconds until the first of their leases ends, unless it is renewed; null: the node holds no task. */
        shortestLeaseSeconds?: number | null;
        /**
         * Format: date-time
         * @description When its process started.
         */
        startedAt: string;
        /** @description Tasks that it steps now. */
        tasksHeld?: number;
        version: string;
      }[];
      /**
       * Format: date-time
       * @description The time by the clock of the node.
       */
      now: string;
      /** @description What is paused. */
      pauses: components['schemas']['PausesView'];
      /**
       * @description Always `wip`.
       * @constant
       */
      service: 'wip';
      /** @description Number of tasks by status; a status without tasks may be missing. */
      tasks: {
        [key: string]: number;
      };
      /** @description Version of the node that answered. */
      version: string;
      /** @description Figures of the node that answered; null: it has not claimed a woken task yet. Absent in answers of an earlier version. */
      wakes?: {
        /** @description Claims that were counted. */
        count: number;
        /** @description Median of the wait (s). */
        medianSeconds: number;
        /** @description 99th percentile of the wait (s). */
        p99Seconds: number;
      } | null;
    };
    DoctorAnswer: {
      /** @description Whatever they say, the answer is 200. */
      checks: {
        /** @description One sentence with the values. */
        message: string;
        name: string;
        /** @enum {string} */
        outcome: 'ok' | 'warning' | 'failed';
        /** @description Tells a person what to do; null when there is nothing to do. */
        remedy: string | null;
        /** @description How long it took (ms). */
        tookMs: number;
      }[];
      /** @description The node that answered. */
      node: string;
      /** @description Version of the node. */
      version: string;
    };
    ErrorAnswer: {
      /** @description For programs: what happened. The codes are at /docs. */
      code: string;
      /**
       * @description The same as `message`.
       * @default
       */
      detail: string;
      /** @description Each field of the request that is wrong. */
      details?: {
        /** @description For people: what happened, and what to do. */
        message: string;
        path: string;
      }[];
      /** @description For people: what happened, and what to do. */
      message: string;
      /** @description Names the request in the log of the server. */
      requestId: string;
      /**
       * @description The HTTP status.
       * @default 0
       */
      status: number;
      /**
       * @description The same for each problem of this type.
       * @default
       */
      title: string;
      /**
       * @description Where the code is explained, relative to the server.
       * @default about:blank
       */
      type: string;
    };
    EventView:
      | {
          /** Format: date-time */
          at: string;
          attempt: number;
          /** @description When a state took it out of there. */
          consumedAt: string | null;
          /** @constant */
          kind: 'signal';
          sequence: number;
          signal: string;
          /** @description When a step took the signal into the task's inbox. */
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
      /** @description The command at which it failed. */
      command: string | null;
      /** @description Event of the build file that it belongs to. */
      event: string;
      /** @description Exit code of that command. */
      exitCode: number | null;
      /** @description Line in the build file: of the step, or of the command at which it failed. */
      line: number | null;
      /** @description Name in the build file. */
      name: string;
      /** @description Number of the step within its event, from 1. */
      number: number;
      /** @description Null when the build ended before all its steps had begun. */
      of: number | null;
      /** @description Where its header begins in the stdout of the build's process. */
      offset: number | null;
      /** @description What happened, for people. */
      sentence: string | null;
    };
    GroupView: {
      /** @description Clusters of its tasks in the order in which they are tried; none: the active one. */
      clusters: string[];
      /** @description Tasks that may run at once. */
      maxRunning: number;
      /** @description Name of the group. */
      name: string;
      /** @description When the oldest task of its queue was added; null: none waits. */
      oldestQueuedAt?: string | null;
      /** @description Null: the group is not paused by itself. */
      pause: ('soft' | 'hard') | null;
      /** @description Who last changed the pause. */
      pausedBy?: string | null;
      /** @description When the pause was last changed; null: the group is not paused, or the pause is not on record. */
      pausedSince?: string | null;
      /** @description Tasks that wait to start. */
      queued: number;
      /** @description Days for which ended tasks are kept. */
      retentionDays: number;
      /** @description Tasks that count against the maximum. */
      running: number;
      /** @description The median of the last 50 successes, from start to end. */
      usualSeconds?: number | null;
      /** @description Time from being added to the start, of the last 50 tasks that have ended; null: none has. */
      usualWait?: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
    };
    KindTableAnswer: {
      /** @description Name of the kind. */
      kind: string;
      /** @description Where a drawing places states and rows. */
      layout: {
        /** @description `points` are those of a B-spline: the start, then three for each piece. */
        edges: {
          from: string;
          points: [number, number][];
          to: string;
          values: string[];
        }[];
        height: number;
        /** @description `x` and `y` are those of the centre. */
        nodes: {
          height: number;
          state: string;
          width: number;
          x: number;
          y: number;
        }[];
        width: number;
      };
      /** @description The first state. */
      start: string | null;
      /** @description In the order of the table. */
      states: {
        /**
         * @description The part of a task's life that it belongs to.
         * @enum {string}
         */
        block: 'start' | 'work' | 'stop';
        /** @description The transition method; null for a state that answers nothing. */
        method: string | null;
        name: string;
        rows: {
          /** @description 0: no limit. */
          maxTimes: number;
          /** @description False: the target is entered without its method, and asked again. */
          runsTarget: boolean;
          target: string;
          value: string;
          waitSeconds: number;
        }[];
        timer: string;
      }[];
    };
    LimitsView: {
      /** @description Disk that the build may use (bytes). */
      diskBytes: number | null;
      /** @description Memory (bytes). */
      memoryBytes: number | null;
      /** @description Processors; may be a part of one. */
      processors: number | null;
      /** @description Longest life of the container (s). */
      timeSeconds: number | null;
    };
    LogView: {
      /**
       * Format: date-time
       * @description When it was written.
       */
      at: string;
      /** @description Grows by the order of the log; the next page begins after it. */
      id: number;
      /**
       * @description FATAL is the most severe.
       * @enum {string}
       */
      level: 'FATAL' | 'ERROR' | 'WARN' | 'ALERT' | 'INFO' | 'DEBUG' | 'TRACE';
      /** @description For people. */
      message: string;
      /** @description False: for operators only. */
      userReadable: boolean;
    };
    MaintenanceView: {
      /** @description Name of the token that switched it on. */
      by: string | null;
      /** @description Whether new tasks are refused. */
      isOn: boolean;
      /** @description Why, as it was given. */
      reason: string | null;
      /** @description When it began; null when it is off. */
      since: string | null;
    };
    MeAnswer: {
      /** @description Groups whose tasks a submitter sees beside its own. */
      groups: string[];
      /** @description Name of the holder. */
      name: string;
      /**
       * @description What the token allows.
       * @enum {string}
       */
      role: 'viewer' | 'submitter' | 'operator' | 'admin';
    };
    NewTokenAnswer: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * @description Groups whose tasks a submitter sees beside its own.
       * @default []
       */
      groups: string[];
      /** @description Number of the token, which names it to revoke it. */
      id: number;
      /** @description Name of the holder. */
      name: string;
      /** @description When it was revoked; null: it is valid. */
      revokedAt: string | null;
      /**
       * @description What the token allows.
       * @enum {string}
       */
      role: 'viewer' | 'submitter' | 'operator' | 'admin';
      /** @description The token itself, which no other answer holds. */
      token: string;
    };
    OutputView: {
      /**
       * Format: date-time
       * @description When it arrived.
       */
      at: string;
      /** @description Number of the container. */
      attempt: number;
      /**
       * Format: base64
       * @description The bytes, in base64.
       */
      data: string;
      /** @description Grows by the order of arrival. */
      id: number;
      /** @description Position of `data` in this process's stream. */
      offset: number;
      /**
       * @description Bytes of this process's stream just before `data` that are missing: lost on the way, or not kept.
       * @default 0
       */
      omittedBefore: number;
      /** @description Names the process within its container. */
      processId: string;
      /**
       * @description The stream that it was written to.
       * @enum {string}
       */
      stream: 'stdout' | 'stderr';
    };
    PausesView: {
      /** @description The pause of everything; null: there is none. */
      global: ('soft' | 'hard') | null;
      /** @description Groups that are paused by themselves. */
      groups: {
        [key: string]: 'soft' | 'hard';
      };
      /** @description When each pause was last changed, and by whom, with the key `all` or `group/NAME`; a pause that is not on record is absent. */
      origins?: {
        [key: string]: {
          by: string;
          /** Format: date-time */
          since: string;
        };
      };
    };
    PingAnswer: {
      /**
       * Format: date-time
       * @description The time by the clock of the node.
       */
      now: string;
      /**
       * @description Always `wip`.
       * @constant
       */
      service: 'wip';
      /** @description Number of tasks by status; a status without tasks may be missing. */
      tasks: {
        [key: string]: number;
      };
      /** @description Version of the node that answered. */
      version: string;
    };
    RotationAnswer: {
      /** @description Every other key can be removed. */
      isDone: boolean;
      /** @description Each key under which something is sealed, with the number of values. */
      keys: {
        id: string;
        values: number;
      }[];
      /** @description The nodes that live. A node of the version before says less: null. */
      nodes: {
        masterKeys: string[] | null;
        name: string;
        /** @description The key that seals now; null before the first start. */
        sealingWith: string | null;
      }[];
      /** @description Values that this request sealed anew. */
      rewrapped: number;
      /** @description The key that seals now; null before the first start. */
      sealingWith: string | null;
      /** @description The key in the settings of the node that answered; a rotation goes to it. */
      target: string;
      /** @description The steps that are missing until every other key can be removed. */
      waitingFor: string[];
    };
    RunningStepView: {
      /** @description Name in the build file. */
      name: string;
      /** @description Number of the step, from 1. */
      number: number;
      /** @description Number of steps. */
      of: number;
      /**
       * Format: date-time
       * @description When it began.
       */
      since: string;
    };
    SecretsView: {
      /** @description Every other key can be removed. */
      isDone: boolean;
      /** @description Each key under which something is sealed, with the number of values. */
      keys: {
        id: string;
        values: number;
      }[];
      /** @description The nodes that live. A node of the version before says less: null. */
      nodes: {
        masterKeys: string[] | null;
        name: string;
        /** @description The key that seals now; null before the first start. */
        sealingWith: string | null;
      }[];
      /** @description The key that seals now; null before the first start. */
      sealingWith: string | null;
      /** @description The key in the settings of the node that answered; a rotation goes to it. */
      target: string;
      /** @description The steps that are missing until every other key can be removed. */
      waitingFor: string[];
    };
    SourceView: {
      /** @description The branch that is built. */
      branch: string | null;
      /** @description Known as soon as it is cloned. */
      commit: string | null;
      /** @description The ref that is built instead of the branch, such as the merge of a pull request. */
      ref: string | null;
      /** @description Without user and password. */
      repository: string;
    };
    StepView: {
      /**
       * Format: date-time
       * @description When the step ended.
       */
      at: string;
      /** @description False when the state was entered without running its method (`exec=false`). */
      executed: boolean;
      /** @description The state that was left; null for the first step. */
      from: string | null;
      /** @description A remark, such as `took over` after a node died, or `went on` where the same node did, or the task was handed back. */
      note: string | null;
      /** @description Grows by the order of the recording; the stream resumes after it. */
      number: number;
      /** @description The state that was entered. */
      to: string;
      /** @description How long it took (ms); null when that is not known. */
      tookMs: number | null;
      /** @description What the transition method of that state answered. */
      value: string | null;
    };
    TaskAttemptView: {
      /** @description `host:port` of the container's SSH, as ECS reports it. */
      address: string | null;
      /** @description Why it ended, once that is decided: one word, then whose fault, a sentence, and the facts behind it. */
      cause: string | null;
      /** @description Name of the cluster in Wip. */
      cluster: string | null;
      /**
       * @description Why it went to this cluster, as a clause.
       * @default null
       */
      clusterReason: string | null;
      /**
       * Format: date-time
       * @description When the launch was decided.
       */
      createdAt: string;
      /** @description When it was known to have ended. */
      endedAt: string | null;
      /**
       * @description The facts behind its end, in the words of ECS, of the agent and of the control plane.
       * @default []
       */
      evidence: string[];
      /**
       * @description Whose doing its end was.
       * @default null
       */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      /**
       * @description What the container lacks because its image has no agent, in sentences without a full stop; null: the image has the agent.
       * @default null
       */
      legacy: {
        lacks: string[];
      } | null;
      /**
       * @description The limits of the container.
       * @default null
       */
      limits: components['schemas']['LimitsView'] | null;
      /** @description Number of the container within the task, from 1. */
      number: number;
      /** @description When its agent said ready. */
      readyAt: string | null;
      /**
       * @description What to do about its end.
       * @default null
       */
      remedy: string | null;
      /**
       * @description Why it ended, for people.
       * @default null
       */
      sentence: string | null;
      /** @description The state of the attempt in the store's words: launching, running, stopped, void … */
      state: string;
      /**
       * @description Why ECS has not accepted the last request to stop it, so that it still runs; null: no stop was requested, or ECS accepted it.
       * @default null
       */
      stopFailure: {
        /** Format: date-time */
        at: string;
        /** @description Why it ended, for people. */
        sentence: string;
        /** Format: date-time */
        since: string;
      } | null;
      /** @description ARN of the task in ECS; null before ECS has answered. */
      taskArn: string | null;
      /**
       * @description Usage of this container alone.
       * @default null
       */
      usage: components['schemas']['UsageView'] | null;
      /** @description UUID of the attempt. */
      uuid: string;
      /**
       * @description What its three witnesses (agent, SSH, ECS) prove of it at this moment; null: there is no container.
       * @default null
       */
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
      /** @description `cursor` of the page of older tasks; null when there are none. */
      nextCursor: string | null;
      /** @description A page with `q` or `commit` searches 50,000 tasks. When there are more, this is when the oldest searched one was added: `nextCursor` goes on from there, even if this page is empty. */
      searchedUntil?: string | null;
      /** @description The newest first. */
      tasks: components['schemas']['TaskSummary'][];
    };
    TaskSummary: {
      /** @description One word for why it ended, such as `success` or `limit-disk`; null until then. */
      cause: string | null;
      /** @description When it ended. */
      completedAt: string | null;
      /**
       * Format: date-time
       * @description When it was added.
       */
      createdAt: string;
      /** @description Name of the token that added it; null: none did. */
      createdBy: string | null;
      /** @description One sentence about its end; null until then. */
      exitMessage: string | null;
      /**
       * @description How it ended; NOT_FINISHED until then.
       * @enum {string}
       */
      exitStatus: 'NOT_FINISHED' | 'WARNING' | 'ERROR_SYSTEM' | 'TERMINATED' | 'COMPLETED' | 'ERROR_USER';
      /**
       * @description Whose doing its end was; null when nobody is to blame, or while it has not ended.
       * @default null
       */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      /** @description Group whose limits it counts against. */
      group: string;
      /** @description Number of the task. */
      id: number;
      /** @description The task itself is paused. */
      isPaused: boolean;
      /**
       * @description The task comes before all others, whatever their priority.
       * @default false
       */
      isPrioritised: boolean;
      /** @description Somebody has asked it to end. */
      isTerminating: boolean;
      /** @description Name of the kind, such as `BuildSteps`. */
      kind: string;
      /**
       * @description The part of its life, whatever its kind calls its states.
       * @default running
       * @enum {string}
       */
      phase: 'queued' | 'starting' | 'running' | 'ending' | 'ended';
      /**
       * @description Rank in the queue, below tasks that were prioritised.
       * @enum {string}
       */
      priority: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
      /**
       * @description Null for a task that builds nothing.
       * @default null
       */
      source: components['schemas']['SourceView'] | null;
      /** @description When its first step began. */
      startedAt: string | null;
      /** @description The state of its table it is in; null before it started. */
      state: string | null;
      /**
       * @description When it entered its state; since when it waits in the queue; when it ended.
       * @default null
       */
      stateSince: string | null;
      /**
       * @description Where it is: NOT_READY waits for other tasks, NOT_STARTED for its turn, PROCESSING is being stepped, WAITING waits between steps, COMPLETE has ended, RESTARTED waits for its turn once more.
       * @enum {string}
       */
      status: 'NOT_READY' | 'NOT_STARTED' | 'WAITING' | 'PROCESSING' | 'COMPLETE' | 'RESTARTED';
      /**
       * @description The step of a build that runs now.
       * @default null
       */
      step: components['schemas']['RunningStepView'] | null;
      /** @description For people. */
      title: string;
      /**
       * @description The median of `usual.total`; null when no other task alike has succeeded.
       * @default null
       */
      usualSeconds: number | null;
      /** @description UUID of the task. */
      uuid: string;
      /**
       * @description The same reason with all that is known of it; null when it does not wait.
       * @default null
       */
      waiting: {
        /** @description One word for programs: `no-capacity`, `access-denied`, `throttled`, `image-pull`, `group-full` … */
        code: string;
        count: number | null;
        /** @description The facts, in the words of ECS, the agent or the system. */
        evidence: string[];
        last: string | null;
        /** @description What people can do. */
        remedy: string | null;
        /** @description The same for people. */
        sentence: string;
        /** @description Since when the task waits for this reason. `last` and `count`: the last attempt, and the number of attempts in a row; null: the wait has no attempts. */
        since: string | null;
        /** @description When the task gives up; null: it waits for as long as it may run. */
        until: string | null;
      } | null;
      /** @description A clause that completes "It waits because …" (`its group BuildSteps already runs 3 of 3 tasks`); null when it does not wait, or when the task's other fields say enough. */
      waitsBecause: string | null;
      /** @description When it goes on at the latest; null when it has ended. */
      wakeAt: string | null;
      /** @description One sentence: why it ended, or why it waits. */
      why: string;
    };
    TaskView: {
      /**
       * @description The commit that the artefact's branch has after the build.
       * @default null
       */
      artefactCommit: string | null;
      /** @description The containers of the task, the oldest first. */
      attempts: components['schemas']['TaskAttemptView'][];
      /**
       * @description The commit that was built, as soon as it is cloned; null for other kinds of tasks.
       * @default null
       */
      builtCommit: string | null;
      /** @description One word for why it ended, such as `success` or `limit-disk`; null until then. */
      cause: string | null;
      /** @description Name of the order by its sender. */
      clientJobId: string | null;
      /** @description When it ended. */
      completedAt: string | null;
      /**
       * Format: date-time
       * @description When it was added.
       */
      createdAt: string;
      /** @description Name of the token that added it; null: none did. */
      createdBy: string | null;
      /**
       * @description The facts behind its end, in the words of ECS, of the agent and of the control plane.
       * @default []
       */
      evidence: string[];
      /** @description Text for people beside the exit message: the end of the output, git's own words. */
      exitDetail: string | null;
      /** @description One sentence about its end; null until then. */
      exitMessage: string | null;
      /**
       * @description How it ended; NOT_FINISHED until then.
       * @enum {string}
       */
      exitStatus: 'NOT_FINISHED' | 'WARNING' | 'ERROR_SYSTEM' | 'TERMINATED' | 'COMPLETED' | 'ERROR_USER';
      /**
       * @description The step at which a build failed.
       * @default null
       */
      failedStep: components['schemas']['FailedStepView'] | null;
      /**
       * @description Whose doing its end was; null when nobody is to blame, or while it has not ended.
       * @default null
       */
      fault: ('user' | 'system' | 'capacity' | 'configuration' | 'spot') | null;
      /** @description Group whose limits it counts against. */
      group: string;
      /** @description Number of the task. */
      id: number;
      /** @description The task itself is paused. */
      isPaused: boolean;
      /**
       * @description The task comes before all others, whatever their priority.
       * @default false
       */
      isPrioritised: boolean;
      /** @description Somebody has asked it to end. */
      isTerminating: boolean;
      /** @description Name of the kind, such as `BuildSteps`. */
      kind: string;
      /** @description As given, with secrets as `[secure]`. */
      options: {
        [key: string]: unknown;
      };
      /**
       * @description The part of its life, whatever its kind calls its states.
       * @default running
       * @enum {string}
       */
      phase: 'queued' | 'starting' | 'running' | 'ending' | 'ended';
      /**
       * @description Rank in the queue, below tasks that were prioritised.
       * @enum {string}
       */
      priority: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
      /**
       * @description What to do about its end, where the message does not say it.
       * @default null
       */
      remedy: string | null;
      /**
       * @description Null for a task that builds nothing.
       * @default null
       */
      source: components['schemas']['SourceView'] | null;
      /** @description When its first step began. */
      startedAt: string | null;
      /** @description The state of its table it is in; null before it started. */
      state: string | null;
      /**
       * @description When it entered its state; since when it waits in the queue; when it ended.
       * @default null
       */
      stateSince: string | null;
      /**
       * @description Where it is: NOT_READY waits for other tasks, NOT_STARTED for its turn, PROCESSING is being stepped, WAITING waits between steps, COMPLETE has ended, RESTARTED waits for its turn once more.
       * @enum {string}
       */
      status: 'NOT_READY' | 'NOT_STARTED' | 'WAITING' | 'PROCESSING' | 'COMPLETE' | 'RESTARTED';
      /**
       * @description The step of a build that runs now.
       * @default null
       */
      step: components['schemas']['RunningStepView'] | null;
      /**
       * @description The steps of a build that have begun, oldest first, since it was started or restarted.
       * @default []
       */
      steps: components['schemas']['BuildStepView'][];
      /**
       * @description When somebody asked to terminate the task, and who; `by` is null when the author is not on record.
       * @default null
       */
      terminateRequest: {
        /** Format: date-time */
        at: string;
        by: string | null;
      } | null;
      /** @description For people. */
      title: string;
      /** @description What its containers used, all attempts together. */
      usage: components['schemas']['UsageView'] | null;
      /**
       * @description How long builds alike take.
       * @default null
       */
      usual: components['schemas']['UsualView'] | null;
      /**
       * @description The median of `usual.total`; null when no other task alike has succeeded.
       * @default null
       */
      usualSeconds: number | null;
      /** @description UUID of the task. */
      uuid: string;
      /**
       * @description The same reason with all that is known of it; null when it does not wait.
       * @default null
       */
      waiting: {
        /** @description One word for programs: `no-capacity`, `access-denied`, `throttled`, `image-pull`, `group-full` … */
        code: string;
        count: number | null;
        /** @description The facts, in the words of ECS, the agent or the system. */
        evidence: string[];
        last: string | null;
        /** @description What people can do. */
        remedy: string | null;
        /** @description The same for people. */
        sentence: string;
        /** @description Since when the task waits for this reason. `last` and `count`: the last attempt, and the number of attempts in a row; null: the wait has no attempts. */
        since: string | null;
        /** @description When the task gives up; null: it waits for as long as it may run. */
        until: string | null;
      } | null;
      /** @description A clause that completes "It waits because …" (`its group BuildSteps already runs 3 of 3 tasks`); null when it does not wait, or when the task's other fields say enough. */
      waitsBecause: string | null;
      /** @description When it goes on at the latest; null when it has ended. */
      wakeAt: string | null;
      /** @description One sentence: why it ended, or why it waits. */
      why: string;
    };
    TokenView: {
      /**
       * Format: date-time
       * @description When it was made.
       */
      createdAt: string;
      /**
       * @description Groups whose tasks a submitter sees beside its own.
       * @default []
       */
      groups: string[];
      /** @description Number of the token, which names it to revoke it. */
      id: number;
      /** @description Name of the holder. */
      name: string;
      /** @description When it was revoked; null: it is valid. */
      revokedAt: string | null;
      /**
       * @description What the token allows.
       * @enum {string}
       */
      role: 'viewer' | 'submitter' | 'operator' | 'admin';
    };
    UsageView: {
      /** @description Processor time (s). */
      cpuSeconds: number | null;
      /** @description Most disk at once (bytes). */
      diskPeakBytes: number | null;
      /** @description Disk that the build uses (bytes). */
      diskWorkloadBytes: number | null;
      /** @description Most memory at once (bytes). */
      memoryPeakBytes: number | null;
      /** @description What processes wrote (bytes). */
      outputBytes: number | null;
      /** @description Lost on the way, or not kept. */
      outputOmittedBytes: number | null;
      /** @description Time that containers ran (s). */
      wallSeconds: number | null;
    };
    UsualView: {
      /** @description Time from the end of the build to the end of the task. */
      ending: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      /** @description Time from being added to the start. */
      queued: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      /** @description Time of the build itself. */
      running: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      /** @description The successes that were counted, 50 at most. */
      samples: number;
      /** @description Time from the start until the container is ready. */
      starting: {
        medianSeconds: number;
        p95Seconds: number;
      } | null;
      /** @description Time from the start to the end. */
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
        /** @description With 415: the encodings of a body that are taken */
        'accept-encoding'?: string;
        /** @description With 405: the methods of the path */
        allow?: string;
        /** @description With 429 and 503: after how many seconds the request may be sent again */
        'retry-after'?: number;
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
            /**
             * @description Always true.
             * @constant
             */
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
            /** @description Why tasks wait to be launched; absent when none does, or the node is not ready. */
            launches?: string[];
            /** @description Whether this node should get requests. */
            ready: boolean;
            /** @description Why not, a clause each. */
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
            /** @description Why tasks wait to be launched; absent when none does, or the node is not ready. */
            launches?: string[];
            /** @description Whether this node should get requests. */
            ready: boolean;
            /** @description Why not, a clause each. */
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
        /** @description What was done, such as `terminate` or `set-limits`. */
        action?: string;
        /** @description Name of the token that changed something. */
        actor?: string;
        /** @description `nextCursor` of the page before; without it, the newest. */
        cursor?: number;
        /** @description Entries of the page. */
        limit?: number;
        /** @description At this instant or later; ISO 8601 with offset. */
        since?: string;
        /** @description What was changed: `task/7`, with every character, or `task` for all tasks. */
        subject?: string;
        /** @description Before this instant; ISO 8601 with offset. */
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
        /** @description Tasks that ended at this instant or later; ISO 8601 with offset. Default: 24 hours before `until`. */
        since?: string;
        /** @description Tasks that ended before this instant; ISO 8601 with offset. Default: now. */
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
              /** @description Null: the task did not say one. */
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
        /** @description Name of the cluster in Wip. */
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
        /** @description Name of the cluster in Wip. */
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Access key; without it the AWS SDK's own chain of credentials is used. */
          accessKeyId?: string;
          /** @description Name or ARN of the cluster in ECS. */
          cluster: string;
          /** @description fips, dualStack, ec2Endpoint, stsEndpoint, logsEndpoint, proxy, eventsQueue. */
          connection?: {
            [key: string]: unknown;
          };
          /**
           * Format: uri
           * @description Address of ECS where it is not Amazon's own for the region.
           */
          endpoint?: string;
          /** @description External id that the role asks for. */
          externalId?: string;
          /** @description Clusters that are tried in this order when this one has no room. */
          fallback?: string[];
          /** @description How containers are launched: `ec2`, `fargate` with subnets, or `capacity-providers`. */
          launch: {
            [key: string]: unknown;
          };
          /** @description Region of AWS. */
          region: string;
          /** @description `updatedAt` of what is replaced; null: there is no cluster of that name. Left out: whatever is there is replaced. */
          replaces?: string | null;
          /** @description A role that is assumed with these credentials. */
          roleArn?: string;
          /** @description Secret of the access key. Left out beside the stored access key: the stored secret stays. */
          secretAccessKey?: string;
          /** @description Session token of temporary credentials. */
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
        /** @description Name of the cluster in Wip. */
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
        /** @description Name of the cluster in Wip. */
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
        /** @description Name of the cluster in Wip. */
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
              /** @description One sentence with the values. */
              message: string;
              name: string;
              /** @enum {string} */
              outcome: 'ok' | 'warning' | 'failed' | 'unchecked';
              /** @description Tells a person what to do; null when there is nothing to do. */
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
              /** @description The values that it overrides, that of the highest precedence first. */
              readonly covers: {
                from: string;
                value: unknown;
              }[];
              /** @description File and line, a variable, `default`, or `the command`. */
              from: string;
              /** @description `lease_seconds`, or `ecs.default.containerDefinitions.0.memory`. */
              path: string;
              /** @enum {string} */
              state: 'set' | 'removed';
              /** @description Absent for what was removed; `(hidden)` for a secret. */
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
              /** @description Calls that the account may make at once, and in each second, for all nodes. */
              burst: number;
              cluster: string;
              perSecond: number;
              quota: string;
              /** @description Calls that this node may make at once; negative while calls wait. */
              tokens: number;
              /** @description How long calls of this node have waited for their share since it began to use the quota. Absent in answers of an earlier version. */
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
          /** @description The text to seal. */
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
        /** @description Name of the group. */
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
        /** @description Name of the group. */
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Clusters of its tasks in the order in which they are tried; none: the active one. */
          clusters?: string[];
          /** @description Tasks that may run at once. */
          maxRunning?: number;
          /** @description Days for which ended tasks are kept. */
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
        /** @description Name of the group. */
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
        /** @description Tasks of the answer. */
        limit?: number;
      };
      header?: never;
      path: {
        /** @description Name of the group. */
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
            /** @description All tasks in the queue, also those that are not shown here. */
            of: number;
            /** @description Without the tasks that the caller may not see. */
            queued: {
              /** @description The gates that are closed now. `since` is null for a pause of the task alone. */
              closed: {
                /** @description Who closed it. */
                by: string | null;
                /**
                 * @description The same words as `waiting.code`.
                 * @enum {string}
                 */
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
                /** @description Since when it is closed; null: it is open, or nobody knows. */
                since: string | null;
                /** @description The tasks that keep it closed, 20 at most: those that hold the slots, or the target. */
                taskIds: number[];
              }[];
              /** @description The same as that of the task alone. */
              expectedStartAt: string | null;
              /** @description Position in the queue of the group, from 1. */
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
        /** @description Id of the delivery. */
        'x-github-delivery': string;
        /** @description Name of the event. */
        'x-github-event': string;
        /** @description `sha256=` and the HMAC of the body with the secret of the webhook. */
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
            /** @description One sentence for people. */
            message: string;
            /**
             * @description `known`: it came before, and its task is there.
             * @enum {string}
             */
            outcome: 'added' | 'known' | 'nothing';
            /** @description The task; null for nothing. */
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
            /** @description One sentence for people. */
            message: string;
            /**
             * @description `known`: it came before, and its task is there.
             * @enum {string}
             */
            outcome: 'added' | 'known' | 'nothing';
            /** @description The task; null for nothing. */
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
        /** @description Id of the delivery, the same when GitLab repeats it. */
        'idempotency-key'?: string;
        /** @description The signature with the signing token (Standard Webhooks). */
        'webhook-signature'?: string;
        /** @description The secret token of the webhook, where it has no signing token. */
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
            /** @description One sentence for people. */
            message: string;
            /**
             * @description `known`: it came before, and its task is there.
             * @enum {string}
             */
            outcome: 'added' | 'known' | 'nothing';
            /** @description The task; null for nothing. */
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
            /** @description One sentence for people. */
            message: string;
            /**
             * @description `known`: it came before, and its task is there.
             * @enum {string}
             */
            outcome: 'added' | 'known' | 'nothing';
            /** @description The task; null for nothing. */
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
        /** @description Name of the kind, such as `BuildSteps`. */
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
              /** @description Containers that run, each with an attempt that owns it. */
              adopted: {
                /** @description The first 200. */
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
              /** @description Containers that ended since the record was last brought up to date. */
              finished: {
                /** @description The first 200. */
                readonly containers: {
                  arn: string | null;
                  attempt: number;
                  cluster: string;
                  task: number;
                }[];
                count: number;
              };
              node: string;
              /** @description ECS gave no answer about them, or has not answered their launch yet. */
              unknown: {
                /** @description The first 200. */
                readonly containers: {
                  arn: string | null;
                  attempt: number;
                  cluster: string;
                  task: number;
                }[];
                count: number;
              };
              /** @description Containers of this installation that no attempt owns. */
              unowned: {
                /** @description The first 200. */
                readonly containers: {
                  arn: string | null;
                  attempt: number;
                  cluster: string;
                  task: number;
                }[];
                count: number;
              };
              /**
               * @description Whether unowned containers are stopped; they are only reported while a restored database is not confirmed.
               * @enum {string}
               */
              unownedAre: 'stopped' | 'reported';
              /** @description Clusters whose tasks could not be listed. */
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
            /** @description Containers that run, each with an attempt that owns it. */
            adopted: {
              /** @description The first 200. */
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
            /** @description Containers that ended since the record was last brought up to date. */
            finished: {
              /** @description The first 200. */
              readonly containers: {
                arn: string | null;
                attempt: number;
                cluster: string;
                task: number;
              }[];
              count: number;
            };
            node: string;
            /** @description ECS gave no answer about them, or has not answered their launch yet. */
            unknown: {
              /** @description The first 200. */
              readonly containers: {
                arn: string | null;
                attempt: number;
                cluster: string;
                task: number;
              }[];
              count: number;
            };
            /** @description Containers of this installation that no attempt owns. */
            unowned: {
              /** @description The first 200. */
              readonly containers: {
                arn: string | null;
                attempt: number;
                cluster: string;
                task: number;
              }[];
              count: number;
            };
            /**
             * @description Whether unowned containers are stopped; they are only reported while a restored database is not confirmed.
             * @enum {string}
             */
            unownedAre: 'stopped' | 'reported';
            /** @description Clusters whose tasks could not be listed. */
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
          /** @description Id of the master key: the first eight digits of its hash. */
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
            /** @description `POST /v1/session` without a token opens one: a development system, asked from its own machine. */
            opensWithoutToken: boolean;
            /** @description null: nobody is signed in, or the token was revoked. */
            session: {
              /** @description To be sent in the header `wip-csrf-token` with every request but GET and HEAD. */
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
          /** @description A token of the API. Left out: a development system gives its own to programs of its machine. */
          token?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description The cookie that stands for the token; signing out takes it away */
          'set-cookie'?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description `POST /v1/session` without a token opens one: a development system, asked from its own machine. */
            opensWithoutToken: boolean;
            /** @description null: nobody is signed in, or the token was revoked. */
            session: {
              /** @description To be sent in the header `wip-csrf-token` with every request but GET and HEAD. */
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
          /** @description The cookie that stands for the token; signing out takes it away */
          'set-cookie'?: string;
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
        /** @description HTTP Basic, which a container without an agent sends instead of a signature. */
        authorization?: string;
        /** @description Id of the message, the same when it is sent again: the id of the key, a colon and a number. */
        'webhook-id'?: string;
        /** @description The signature of id, timestamp and body (Standard Webhooks). */
        'webhook-signature'?: string;
        /** @description When it was sent (s since 1970), at most 5 minutes ago. */
        'webhook-timestamp'?: string;
      };
      path: {
        /** @description Secret id of the container, the end of the SIGNAL_URL that it was started with. */
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
        /** @description Id of the message, the same when it is sent again: the id of the key, a colon and a number. */
        'webhook-id': string;
        /** @description The signature of id, timestamp and body (Standard Webhooks). */
        'webhook-signature': string;
        /** @description When it was sent (s since 1970), at most 5 minutes ago. */
        'webhook-timestamp': string;
      };
      path: {
        /** @description Secret id of the container, the end of the SIGNAL_URL that it was started with. */
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
        /** @description Id of the message, the same when it is sent again: the id of the key, a colon and a number. */
        'webhook-id': string;
        /** @description The signature of id, timestamp and body (Standard Webhooks). */
        'webhook-signature': string;
        /** @description When it was sent (s since 1970), at most 5 minutes ago. */
        'webhook-timestamp': string;
      };
      path: {
        /** @description Secret id of the container, the end of the SIGNAL_URL that it was started with. */
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
          /** @description Why, for those who are refused meanwhile. */
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
        /** @description Branch that they build. */
        branch?: string;
        /** @description One word for why they ended, such as `limit-disk`. */
        cause?: string;
        /** @description The `clientJobId` or `Idempotency-Key` that they were added with. */
        client_job_id?: string;
        /** @description Commit that they build, or its first digits: four at least. */
        commit?: string;
        /** @description Any of these ends, separated by commas. */
        exit?: string;
        /** @description Whose doing the end was. */
        fault?: 'user' | 'system' | 'capacity' | 'configuration' | 'spot';
        /** @description Name of the group. */
        group?: string;
        /** @description Number of the task that added them. */
        parent?: number;
        /** @description Whether the task itself is paused. */
        paused?: 'true' | 'false';
        /** @description The priority that they were added with. */
        priority?: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
        /** @description Part of the title or the repository, or the number of a task. */
        q?: string;
        /** @description Address of the repository that they build. */
        repository?: string;
        /** @description Added at this instant or later; ISO 8601 with offset. */
        since?: string;
        /** @description Any of these statuses, separated by commas. */
        status?: string;
        /** @description Name of the token that added them. */
        submitter?: string;
        /** @description Added before this instant; ISO 8601 with offset. */
        until?: string;
        /** @description UUID of the task. */
        uuid?: string;
      };
      header?: {
        /** @description Id of the last event that came: the stream goes on with what has changed since. */
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
        /** @description Name of the family; without it, all of them. */
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
              /**
               * @description retired: no launch uses it any more; deregistered: ECS shows it as INACTIVE.
               * @enum {string}
               */
              state: 'active' | 'retired' | 'deregistered';
              /** @description Tasks whose containers are pinned to it. */
              tasks: number[];
              /**
               * Format: date-time
               * @description Last use by a launch, to the hour.
               */
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
        /** @description Number of the task definition: `id` of the list. */
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
            /** @description The input of RegisterTaskDefinition. */
            definition: {
              [key: string]: unknown;
            };
            family: string;
            id: number;
            region: string;
            /** Format: date-time */
            registeredAt: string;
            revision: number;
            /**
             * @description retired: no launch uses it any more; deregistered: ECS shows it as INACTIVE.
             * @enum {string}
             */
            state: 'active' | 'retired' | 'deregistered';
            /** @description Tasks whose containers are pinned to it. */
            tasks: number[];
            /**
             * Format: date-time
             * @description Last use by a launch, to the hour.
             */
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
        /** @description Number of the task definition to compare with. */
        before: number;
      };
      header?: never;
      path: {
        /** @description Number of the task definition: `id` of the list. */
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
              /**
               * @description retired: no launch uses it any more; deregistered: ECS shows it as INACTIVE.
               * @enum {string}
               */
              state: 'active' | 'retired' | 'deregistered';
              /** @description Tasks whose containers are pinned to it. */
              tasks: number[];
              /**
               * Format: date-time
               * @description Last use by a launch, to the hour.
               */
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
              /**
               * @description retired: no launch uses it any more; deregistered: ECS shows it as INACTIVE.
               * @enum {string}
               */
              state: 'active' | 'retired' | 'deregistered';
              /** @description Tasks whose containers are pinned to it. */
              tasks: number[];
              /**
               * Format: date-time
               * @description Last use by a launch, to the hour.
               */
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
              /** @description Number of ended tasks by exit status. */
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
        /** @description Branch that they build. */
        branch?: string;
        /** @description One word for why they ended, such as `limit-disk`. */
        cause?: string;
        /** @description The `clientJobId` or `Idempotency-Key` that they were added with. */
        client_job_id?: string;
        /** @description Commit that they build, or its first digits: four at least. */
        commit?: string;
        /** @description `nextCursor` of the page before; without it, the newest. */
        cursor?: number;
        /** @description Any of these ends, separated by commas. */
        exit?: string;
        /** @description Whose doing the end was. */
        fault?: 'user' | 'system' | 'capacity' | 'configuration' | 'spot';
        /** @description Name of the group. */
        group?: string;
        /** @description Tasks of the page. */
        limit?: number;
        /** @description Number of the task that added them. */
        parent?: number;
        /** @description Whether the task itself is paused. */
        paused?: 'true' | 'false';
        /** @description The priority that they were added with. */
        priority?: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
        /** @description Part of the title or the repository, or the number of a task. */
        q?: string;
        /** @description Address of the repository that they build. */
        repository?: string;
        /** @description Added at this instant or later; ISO 8601 with offset. */
        since?: string;
        /** @description Any of these statuses, separated by commas. */
        status?: string;
        /** @description Name of the token that added them. */
        submitter?: string;
        /** @description Added before this instant; ISO 8601 with offset. */
        until?: string;
        /** @description UUID of the task. */
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
        /** @description The same as `clientJobId`: the same order under the same key adds one task. 1 to 256 characters of ASCII. */
        'idempotency-key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Name of this order by its sender: the same order under the same name adds one task. */
          clientJobId?: string;
          /** @description Default: the group of the kind. Roles below operator may only name a group that exists. */
          group?: string;
          /** @description Name of the kind, such as `BuildSteps`. */
          kind: string;
          /** @description Options of the kind. */
          options: {
            [key: string]: unknown;
          };
          /**
           * @description Default: the priority of the kind. Roles below operator may not give an earlier one.
           * @enum {string}
           */
          priority?: 'CRITICAL' | 'HIGH' | 'MEDIUM' | 'LOW';
          /** @description For people; default: what the kind makes of its options. */
          title?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Path of the task */
          location?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TaskView'];
        };
      };
      /** @description Done */
      201: {
        headers: {
          /** @description Path of the task */
          location?: string;
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
        /** @description Number of the task. */
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
        /** @description Number of the task. */
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
        /** @description Number of the task. */
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
        /** @description What comes after this number: that of the last one of the page before. */
        after?: number;
        /** @description Entries of the page. A page with fewer is the last one. */
        limit?: number;
      };
      header?: never;
      path: {
        /** @description Number of the task. */
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
        /** @description With `all`: the pieces after this one. */
        after?: number;
        /** @description With `all`: the last pieces before this one, for readers that go backwards. */
        before?: number;
        /** @description Everything that is kept, as one file. */
        download?: 'true' | 'false';
        /** @description With `all`: the number of pieces; 500 by default, and at most. */
        limit?: number;
        /** @description For one stream: the offset of the first byte. */
        offset?: number;
        /** @description With `all`: the pieces that arrived at this time or later. */
        since?: string;
        /** @description `all`: both, in the order in which they were written, as JSON with the time and place of each piece. */
        stream?: 'stdout' | 'stderr' | 'all';
      };
      header?: never;
      path: {
        /** @description Number of the task. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stretch of one stream, or pieces of both, or everything as a file */
      200: {
        headers: {
          /** @description Of everything as a file: its name */
          'content-disposition'?: string;
          /** @description Of a stretch of one stream: the offset of the next one; it counts no marks */
          'wip-next-offset'?: number;
          /** @description Of a stretch of one stream: how many of its bytes are missing */
          'wip-omitted-bytes'?: number;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description `after` of the next page. */
            next: number;
            /** @description Output of both streams, in the order in which it was written. */
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
        /** @description Number of the task. */
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
        /** @description Number of the task. */
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
        /** @description Number of the task. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description FIRST: before all others, whatever their priority.
           * @enum {string}
           */
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
        /** @description Number of the task. */
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
            /** @description Assumes that all tasks take as long as the group's last successes; null while a gate is closed that the end of another task does not open. */
            expectedStartAt: string | null;
            gates: {
              /** @description Who closed it. */
              by: string | null;
              /**
               * @description The same words as `waiting.code`.
               * @enum {string}
               */
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
              /** @description Since when it is closed; null: it is open, or nobody knows. */
              since: string | null;
              /** @description The tasks that keep it closed, 20 at most: those that hold the slots, or the target. */
              taskIds: number[];
            }[];
            /** @description The tasks in that queue. */
            of: number | null;
            /** @description Position of the task in the queue of its group, from 1; null: it does not wait for a slot. */
            position: number | null;
            /** @description The median that this is computed with. */
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
        /** @description Number of the task. */
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
        /** @description Number of the task. */
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
            /** @description 0 for a task that has not failed. */
            count: number;
            /** @description Whether there are more: no more than 1,000 are counted. */
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
        /** @description Number of the task. */
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
        /** @description Id of the last event that came: the stream goes on after it. */
        'last-event-id'?: string;
      };
      path: {
        /** @description Number of the task. */
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
        /** @description Number of the task. */
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
        /** @description What comes after this number: that of the last one of the page before. */
        after?: number;
        /** @description Entries of the page. A page with fewer is the last one. */
        limit?: number;
      };
      header?: never;
      path: {
        /** @description Number of the task. */
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
        /** @description Heartbeats of the page. */
        limit?: number;
        /** @description Heartbeats after this instant: that of the last one of the page before; ISO 8601 with offset. */
        since?: string;
      };
      header?: never;
      path: {
        /** @description Number of the task. */
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
        /** @description `nextCursor` of the page before; without it, the newest. */
        cursor?: number;
        /** @description Tasks of the page. */
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
        /** @description One name with every character that it has; may be given again. */
        group?: string | string[];
        /** @description Names of groups, separated by commas. Without `groups` and `group`: everything. */
        groups?: string;
        /** @description soft: nothing new starts. hard: started tasks do not go on, either. */
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
        /** @description One name with every character that it has; may be given again. */
        group?: string | string[];
        /** @description Names of groups, separated by commas. Without `groups` and `group`: everything. */
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
          /**
           * @description Groups whose tasks a submitter sees beside its own.
           * @default []
           */
          groups?: string[];
          /** @description Name of the holder. Tasks belong to it, and several tokens may have it. */
          name: string;
          /**
           * @description What the token allows.
           * @enum {string}
           */
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
        /** @description Number of the token. */
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
