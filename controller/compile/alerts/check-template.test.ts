import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTemplate } from './check-template.ts';

/** test/rules/custom-rules.test.ts compares the results of checkTemplate with those of promtool. */
describe('checkTemplate', () => {
  it.each([
    ['{{ $value', 'has {{ without }}, or a quote that does not end'],
    ['{{ if $value }}', 'has a block without {{ end }}'],
    ['{{ $nothing }}', '{{ $nothing }} has the variable $nothing, which is not defined'],
    ['{{ $value | humanise }}', '{{ $value | humanise }} has the function humanise, which does not exist'],
    ['{{ $value | 1 }}', '{{ $value | 1 }} pipes into 1, which takes nothing'],
  ])('%s: returns what is wrong', (text, wrong) => {
    expect(checkTemplate(text)).toBe(wrong);
  });

  it('accepts a correct template', () => {
    expect(checkTemplate('{{ if gt $value 1.0 }}{{ $labels.job | toUpper }}{{ else }}-{{ end }}')).toBeUndefined();
  });

  it('returns a result for any string, without an exception', () => {
    fc.assert(
      fc.property(fc.string(), (text) => ['string', 'undefined'].includes(typeof checkTemplate(`{{${text}}}`))),
    );
  });
});
