/**
 * Returns what is wrong with a regular expression in the syntax of RE2, which Prometheus uses. Returns undefined if the
 * expression is valid. First refuses syntax that RE2 lacks, then translates syntax that only RE2 has, then lets
 * JavaScript parse the result. Pure.
 */
export function checkRegExp(pattern: string): string | undefined {
  const foreign = /\(\?(<?[=!]|>|\||#|\()/.exec(pattern);
  if (foreign) return `has ${foreign[0]}, which RE2 does not know: no lookaround and no conditions`;
  const foreignEscape = [...pattern.matchAll(/\\([\s\S])/g)].find(
    ([, letter = '']) => /[1-9a-zA-Z]/.test(letter) && !RE2_ESCAPES.includes(letter),
  );
  if (foreignEscape) return `has ${foreignEscape[0]}, which RE2 does not know`;
  if (/\{(\d{4,}|\d+,\d{4,})/.test(pattern)) return 'repeats more than 999 times';
  try {
    new RegExp(translate(pattern));
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: \/.*\/\w*: /, '').toLowerCase();
  }
}

/**
 * Returns whether a valid pattern matches the empty string. A matcher with such a pattern also selects series that lack
 * the matcher's label.
 */
export function matchesEmpty(pattern: string): boolean {
  return new RegExp(`^(?:${translate(pattern)})$`).test('');
}

const RE2_ESCAPES = 'aftnrvxdDsSwWbBAzpPQE';

function translate(pattern: string): string {
  return pattern
    .replace(/\\Q([\s\S]*?)(\\E|$)/g, (_whole, text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&'))
    .replaceAll('(?P<', '(?<')
    .replace(/\(\?[imsU-]+(:?)\)?/g, (_whole, colon: string) => (colon ? '(?:' : ''))
    .replace(/\[\[:\^?\w+:\]/g, '[a')
    .replace(/\[:\^?\w+:\]/g, 'a')
    .replace(/\\[pP](\{\^?\w+\}|\w)/g, '\\w')
    .replace(/\\[AzE]/g, '');
}
