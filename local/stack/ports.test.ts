import { describe, expect, it } from 'vitest';
import { planPorts, portNames, portTable } from './ports.ts';

describe('planPorts', () => {
  it('uses the documented ports by default', () => {
    const ports = planPorts({});
    expect(ports).toMatchObject({
      API: 8000,
      BACKEND_METRICS: 8001,
      TRIGGER_DISPATCHER_METRICS: 8004,
      PROMETHEUS: 9090,
    });
    expect(ports).toMatchObject({ ALERTMANAGER: 9093, GRAFANA: 3000, KAFKA: 9092, POSTGRES: 5432, KUBE_API: 6443 });
  });

  it('adds PORT_OFFSET to every port without a variable of its own', () => {
    const ports = planPorts({ PORT_OFFSET: '100', PORT_PROMETHEUS: '19090' });
    expect(ports.PROMETHEUS).toBe(19_090);
    const others = portNames.filter((name) => name !== 'PROMETHEUS');
    expect(others.map((name) => ports[name] - portTable[name].default)).toEqual(others.map(() => 100));
  });

  it('keeps the ports of an earlier up unless a variable changes them', () => {
    const remembered = planPorts({ PORT_OFFSET: '100' });
    expect(planPorts({}, remembered)).toEqual(remembered);
    expect(planPorts({ PORT_OFFSET: '0' }, remembered)).toEqual(planPorts({}));
  });

  it.each([
    [{ PORT_API: 'http' }, 'PORT_API=http is not a port'],
    [{ PORT_API: '70000' }, 'PORT_API=70000 is not a port'],
    [{ PORT_OFFSET: '60000' }, 'PORT_OFFSET=60000 moves PORT_'],
    [{ PORT_API: '9090' }, 'PORT_API and PORT_PROMETHEUS are both 9090'],
  ])('refuses %j', (environment, message) => expect(() => planPorts(environment)).toThrow(message));
});
