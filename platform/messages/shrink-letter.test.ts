import { describe, expect, it } from 'vitest';
import { shrinkLetter } from './shrink-letter.ts';

const own = { reason: 'not_json', detail: 'no', original_topic: 't', original_partition: '0', original_offset: '7' };
const letter = { key: 'GOOG', value: Buffer.alloc(5_000_000, 'x'), headers: { ...own, traceparent: 'kept' } };

describe('shrinkLetter', () => {
  it('cuts the value first, and says how large it was', () => {
    const smaller = shrinkLetter(letter, 1);
    expect(smaller?.value).toEqual(letter.value.subarray(0, 900_000));
    expect(smaller?.key).toBe('GOOG');
    expect(smaller?.headers).toEqual({ ...letter.headers, original_value_bytes: '5000000', truncated: 'value' });
  });

  it('then cuts more, and leaves out key and headers of the message, but not the reason', () => {
    const first = shrinkLetter(letter, 1);
    const second = first && shrinkLetter(first, 2);
    expect(second?.value).toHaveLength(100_000);
    expect(second?.key).toBe('t/0/7');
    expect(second?.headers).toEqual({ ...own, original_value_bytes: '5000000', truncated: 'value, key, headers' });
  });

  it('ends with the reason alone, and then gives up', () => {
    expect(shrinkLetter(letter, 4)?.value).toHaveLength(0);
    expect(shrinkLetter(letter, 5)).toBeUndefined();
  });
});
