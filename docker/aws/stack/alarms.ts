import {
  aws_cloudwatch as cloudwatch,
  aws_cloudwatch_actions as actions,
  aws_elasticloadbalancingv2 as balancing,
  aws_logs as logs,
  aws_sns as sns,
  Duration,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { BuildCluster } from './build-cluster.ts';
import type { ControlPlane } from './control-plane.ts';
import type { InstallationRecord } from './record.ts';

// What AWS measures by itself, and what nodes log as ALERT. Numbers of Wip's own are for Prometheus.

interface Rule {
  readonly id: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly comparisonOperator?: cloudwatch.ComparisonOperator;
  /** Of five minutes, unless the metric has another period. */
  readonly periods: number;
  /** What is wrong, and what to do. */
  readonly text: string;
  /** What no data means; elsewhere that nothing happened. */
  readonly treatMissingData?: cloudwatch.TreatMissingData;
}

const BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD;
const SUM = { period: Duration.minutes(5), statistic: 'Sum' };

export function createAlarms(
  scope: Construct,
  parts: { readonly controlPlane: ControlPlane; readonly record: InstallationRecord; readonly builds: BuildCluster },
): sns.Topic {
  const topic = new sns.Topic(scope, 'AlarmTopic', { displayName: 'Wip' });
  const rules = [...nodeRules(scope, parts.controlPlane), ...databaseRules(parts.record), ...eventRules(parts.builds)];
  for (const { id, periods, text, metric, ...rest } of rules) {
    new cloudwatch.Alarm(scope, id, {
      metric,
      alarmDescription: text,
      evaluationPeriods: periods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      ...rest,
    }).addAlarmAction(new actions.SnsAction(topic));
  }
  return topic;
}

function nodeRules(scope: Construct, { service, targets, balancer, log }: ControlPlane): Rule[] {
  const alerts = new logs.MetricFilter(scope, 'AlertsLogged', {
    logGroup: log,
    filterPattern: logs.FilterPattern.stringValue('$.msg', '=', 'ALERT:*'),
    metricNamespace: 'Wip',
    metricName: 'Alerts',
  });
  return [
    {
      id: 'NoNodeAnswers',
      metric: targets.metrics.healthyHostCount({ period: Duration.minutes(1), statistic: 'Minimum' }),
      threshold: 1,
      comparisonOperator: BELOW,
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      periods: 3,
      text: 'No node of the control plane answers: look at the events of the service and at the log of the nodes.',
    },
    {
      id: 'NodeDoesNotAnswer',
      metric: targets.metrics.unhealthyHostCount({ period: Duration.minutes(1), statistic: 'Maximum' }),
      threshold: 0,
      periods: 15,
      text: 'A node has not answered for 15 minutes: look at the events of the service and at the log of the node.',
    },
    {
      id: 'RequestsFail',
      metric: balancer.metrics.httpCodeElb(balancing.HttpCodeElb.ELB_5XX_COUNT, SUM),
      threshold: 10,
      periods: 2,
      text: 'The load balancer reaches no node for some requests: look at its targets.',
    },
    {
      id: 'NodesFail',
      metric: targets.metrics.httpCodeTarget(balancing.HttpCodeTarget.TARGET_5XX_COUNT, SUM),
      threshold: 10,
      periods: 2,
      text: 'Nodes answer requests with errors, as they do while the database is away: look at /readyz, at their log and at wipctl doctor.',
    },
    {
      id: 'NodeMemory',
      metric: service.metricMemoryUtilization(),
      threshold: 85,
      periods: 3,
      text: 'Nodes use more than 85 % of their memory: give them more, or run more of them.',
    },
    {
      id: 'NodeProcessor',
      metric: service.metricCpuUtilization(),
      threshold: 85,
      periods: 6,
      text: 'Nodes have used more than 85 % of their processor for half an hour: run more of them.',
    },
    {
      id: 'AlertLogged',
      metric: alerts.metric(SUM),
      threshold: 0,
      periods: 1,
      text: 'A node logged ALERT: controlplane/ecs/README.md, What to watch, says what each needs.',
    },
  ];
}

function databaseRules({ database }: InstallationRecord): Rule[] {
  return [
    {
      id: 'DatabaseAway',
      metric: database.metricDatabaseConnections({ period: Duration.minutes(1), statistic: 'Maximum' }),
      threshold: 1,
      comparisonOperator: BELOW,
      // Nodes keep connections. A database that is away has no figures.
      treatMissingData: cloudwatch.TreatMissingData.BREACHING,
      periods: 5,
      text: 'No node has had a connection to the database for five minutes: look at the events of the database, and at /readyz of the nodes.',
    },
    {
      id: 'DatabaseStorage',
      metric: database.metricFreeStorageSpace(),
      threshold: 10 * 1024 ** 3,
      comparisonOperator: BELOW,
      periods: 1,
      text: 'The database has less than 10 GiB left: shorten the retention of groups, or raise its largest size.',
    },
    {
      id: 'DatabaseProcessor',
      metric: database.metricCPUUtilization(),
      threshold: 80,
      periods: 6,
      text: 'The database has used more than 80 % of its processor for half an hour: take a larger class.',
    },
    {
      id: 'DatabaseMemory',
      metric: database.metricFreeableMemory(),
      threshold: 256 * 1024 ** 2,
      comparisonOperator: BELOW,
      periods: 3,
      text: 'The database has less than 256 MiB of memory left: take a larger class, or fewer connections (database_pool).',
    },
  ];
}

function eventRules({ events }: BuildCluster): Rule[] {
  return [
    {
      id: 'EventsWait',
      metric: events.metricApproximateAgeOfOldestMessage(),
      threshold: 600,
      periods: 2,
      text: 'No node reads the queue of events: changes are seen by the sweep only. Look at --events-queue of the clusters.',
    },
  ];
}
