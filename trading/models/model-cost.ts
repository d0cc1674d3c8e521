import { Exact } from '../money.ts';
import type { ModelPrice } from './model-prices.ts';

export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** What tokens cost, in USD, to the last digit. */
export function costOfTokens({ input, output }: Tokens, { inputUsd, outputUsd }: ModelPrice): Exact {
  return new Exact(inputUsd).mul(input).add(new Exact(outputUsd).mul(output)).div(1_000_000);
}

/**
 * The most a call can cost before anybody knows what it does: a token is at least one byte of the request, and the answer
 * ends at its limit.
 */
export function mostOfCall(request: string, maxOutputTokens: number, price: ModelPrice): Exact {
  return costOfTokens({ input: Buffer.byteLength(request), output: maxOutputTokens }, price);
}
