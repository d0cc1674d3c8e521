import type { FieldPath } from './source-document.ts';

/** `spec.services[0].name` or `spec.alerts.custom[alert=Low].expr` → steps; a `key=value` step is looked up in the value. */
export function parseFieldPath(text: string, value: unknown): FieldPath {
  const steps: (string | number)[] = [];
  for (const [, keyed, index, name] of text.matchAll(/\[([^\]]*=[^\]]*)\]|\[(\d+)\]|([^.[\]]+)/g)) {
    if (keyed !== undefined) steps.push(findKeyed(valueAt(value, steps), keyed));
    else steps.push(index === undefined ? (name ?? '') : Number(index));
  }
  return steps;
}

export function formatFieldPath(path: FieldPath): string {
  return path.reduce<string>((at, step) => {
    if (typeof step === 'number') return `${at}[${step}]`;
    return at === '' ? step : `${at}.${step}`;
  }, '');
}

export function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((at, step) => {
    const isContainer = at !== null && typeof at === 'object' && Object.hasOwn(at, step);
    return isContainer ? (at as Record<string | number, unknown>)[step] : undefined;
  }, value);
}

function findKeyed(list: unknown, keyed: string): number {
  const [key = '', wanted] = keyed.split('=');
  return Array.isArray(list) ? list.findIndex((item) => valueAt(item, [key]) === wanted) : 0;
}
