import type { ConditionType } from './names.ts';

/** What each condition says. docs/conditions.md is made from this. */
export const conditionMeanings: Readonly<Record<ConditionType, string>> = {
  Ready:
    'The controller has made all that the resource asks, its pipeline too. Whether Prometheus runs has no part in it, nor whether the backend still does',
  Reconciling: 'Present while something is missing that can come right by itself',
  Stalled: 'Present while somebody must act before it can come right',
  ServicesResolved: 'Every listed service is a Service in the cluster, and has its port',
  MonitorsSelected: 'A Prometheus object selects every ServiceMonitor of the resource',
  TargetsUp: 'Prometheus scrapes a target for every service, and each answers. The message counts them: 3 of 4',
  RulesLoaded: 'Prometheus has loaded every rule group of the resource, and evaluates it without error',
  DashboardsReady: 'Every dashboard is there for the Grafana sidecar to load',
  PipelineRegistered: 'The backend has the pipeline as the resource declares it',
  Conflict: 'Present while something belongs to another resource',
};
