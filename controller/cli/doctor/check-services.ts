/** Checks that each service in the spec exists in the cluster, and has the port and a ready endpoint. Pure. */
import type { ServiceSpec } from '../../api/trading-pipeline.ts';
import { resolveService } from '../../reconcile/claims/claims.ts';
import type { NamespaceFacts } from './facts.ts';
import { type Finding, ok, wrong } from './finding.ts';

export function checkServices(
  services: readonly ServiceSpec[],
  namespace: string,
  { services: found, endpoints }: NamespaceFacts,
): Finding[] {
  const endpointsOf = (service: string) => endpoints.filter((slice) => slice.service === service);
  return services.map((spec) => {
    const resolved = resolveService(spec, { namespace, services: found, endpointsOf });
    const about = `service ${spec.name}`;
    if (resolved.problem)
      return wrong(
        'serviceUnresolved',
        `${about}: ${resolved.problem.message}`,
        `Compare with \`kubectl -n ${namespace} get svc --show-labels\`. Then label the Service, name its port, or correct the resource`,
      );
    if (resolved.endpoints === 0)
      return wrong(
        'serviceUnresolved',
        `${about}: no ready endpoint serves the port ${spec.port}`,
        `None of its pods is ready: \`kubectl -n ${namespace} get pods,endpointslices\` and the pods' events say why`,
      );
    return ok('serviceUnresolved', `${about}: ${resolved.endpoints} ready endpoints on port ${spec.port}`);
  });
}
