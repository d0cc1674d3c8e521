/**
 * Says which fields of generated objects other field managers have changed: in the condition ForeignFields while the fields
 * stay, and in an Event when the controller has taken them back. Pure.
 */
import { conditionTypes, FIELDS_TAKEN_BACK, reasons } from '../../api/names.ts';
import type { Difference } from '../plan/differences.ts';
import type { ForeignObject } from '../plan/execute-plan.ts';
import type { ConditionEvent, Problem, Verdict } from './verdict.ts';

interface ForeignFindings {
  /** Objects that others change again and again, so that the next repair waits. */
  readonly contested?: readonly ForeignObject[];
  /** Fields that others have added, and that the policy of the resource leaves in the objects. */
  readonly additions?: readonly ForeignObject[];
}

/** Fields that are named for each object; the others are counted. */
const MAX_FIELDS = 5;
/** Longest name of a field that is printed whole. A ConfigMap key can have 253 characters. */
const MAX_PATH_LENGTH = 120;

export function contestedProblem({ contested = [] }: ForeignFindings): Problem | undefined {
  if (contested.length === 0) return undefined;
  const message = `${contested.map(describe).join('; ')}. The controller repairs the object at growing intervals of up to 5 minutes`;
  return { reason: reasons.fieldsContested, message, stalled: false };
}

/** Returns the condition ForeignFields, or undefined if no field of another field manager is in the objects. */
export function foreignFields(findings: ForeignFindings): Verdict | undefined {
  const contested = contestedProblem(findings);
  const { additions = [] } = findings;
  if (!contested && additions.length === 0) return undefined;
  const messages = [contested?.message, ...additions.map(describe)].filter((message) => message !== undefined);
  return {
    status: 'True',
    reason: contested ? reasons.fieldsContested : reasons.fieldsAdded,
    message: messages.join('; '),
  };
}

export function planTakenBackEvents(objects: readonly ForeignObject[]): ConditionEvent[] {
  return objects.map((object) => ({
    about: `${conditionTypes.foreignFields} ${object.kind}/${object.name}`,
    type: 'Warning',
    reason: FIELDS_TAKEN_BACK,
    note: `The controller took back ${describe(object)}`,
    isSeparate: true,
  }));
}

function describe({ kind, name, fields }: ForeignObject): string {
  if (fields.length === 0) return `${kind} ${name}: deleted again and again`;
  const named = fields.slice(0, MAX_FIELDS).map(describeField);
  const more = fields.length > MAX_FIELDS ? [`${fields.length - MAX_FIELDS} more`] : [];
  return `${kind} ${name}: ${[...named, ...more].join(', ')}`;
}

function describeField({ path, kind, manager = 'an unknown manager' }: Difference): string {
  const short = path.length > MAX_PATH_LENGTH ? `${path.slice(0, MAX_PATH_LENGTH - 1)}…` : path;
  return `${short} ${kind} by ${manager}`;
}
