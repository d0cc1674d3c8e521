import type { AlertName } from '#catalogue/alerts.ts';
import type { AlertCase } from '../alert-case.ts';
import { allUp, up } from './series.ts';

export const serviceCases: readonly AlertCase<AlertName>[] = [
  {
    alert: 'ServiceDown',
    what: 'a service stops answering',
    series: { ...allUp, [up]: '1x8 0x20' },
    silentAt: ['3m'],
    firesAt: ['3m15s'],
    labels: { severity: 'critical', service: 'backend', job: 'backend', instance: 'backend:8001' },
    says: 'backend:8001 does not answer its scrapes.',
  },
  {
    alert: 'ServiceDown',
    what: 'a service vanishes from discovery',
    series: { ...allUp, [up]: '1x8 stale' },
    silentAt: ['3m'],
    firesAt: ['3m15s'],
    labels: { severity: 'critical', service: 'backend', job: 'backend' },
    says: 'Prometheus has no target of backend: it has vanished from discovery.',
    documented: 'up == 0',
  },
  {
    alert: 'ServiceDown',
    what: 'a restart of half a minute',
    series: { ...allUp, [up]: '1x8 0x1 1x40' },
    silentAt: ['3m', '5m'],
  },
  { alert: 'ServiceDown', what: 'all is well, and nothing to do', series: allUp, silentAt: ['1m', '30m'], idle: true },
  {
    alert: 'ServiceDown',
    what: 'the service answers again',
    series: { ...allUp, [up]: '1x8 0x20 1x40' },
    firesAt: ['7m15s'],
    silentAt: ['7m30s'],
  },
];
