import { Exact } from '../money.ts';
import type { Tokens } from './question.ts';

/** The price of a model, in USD per million tokens. The prices are strings, which keep every digit. */
export interface ModelPrice {
  readonly inputUsd: string;
  readonly outputUsd: string;
}

/**
 * List prices of models, keyed by the model's name in the API. Discounts for cached or batched tokens are left out, and
 * so are surcharges for long prompts, because our prompts are short. The variables MODEL_INPUT_USD_PER_MILLION and
 * MODEL_OUTPUT_USD_PER_MILLION set the price of any other model, or override the list price. Source, as of 2026-08-05:
 * https://github.com/simonw/llm-prices/tree/723ef0bd3a6254436e9fe8d7f05d4d787e99f4c5/data
 */
const modelPrices: Readonly<Record<string, ModelPrice>> = {
  'gpt-5.4-mini': { inputUsd: '0.75', outputUsd: '4.5' },
  'gpt-5.4-nano': { inputUsd: '0.2', outputUsd: '1.25' },
  'gpt-5': { inputUsd: '1.25', outputUsd: '10' },
  'gpt-5-mini': { inputUsd: '0.25', outputUsd: '2' },
  'gpt-5-nano': { inputUsd: '0.05', outputUsd: '0.4' },
  'gpt-4.1': { inputUsd: '2', outputUsd: '8' },
  'gpt-4.1-mini': { inputUsd: '0.4', outputUsd: '1.6' },
  'gpt-4o-mini': { inputUsd: '0.15', outputUsd: '0.6' },
  'claude-opus-4-5': { inputUsd: '5', outputUsd: '25' },
  'claude-sonnet-4-5': { inputUsd: '3', outputUsd: '15' },
  'claude-haiku-4-5': { inputUsd: '1', outputUsd: '5' },
  'gemini-2.5-pro': { inputUsd: '1.25', outputUsd: '10' },
  'gemini-2.5-flash': { inputUsd: '0.3', outputUsd: '2.5' },
  'gemini-2.5-flash-lite': { inputUsd: '0.1', outputUsd: '0.4' },
  'deepseek-v4-flash': { inputUsd: '0.14', outputUsd: '0.28' },
};

/**
 * Returns the list price of a model, or undefined if it is unknown. A dated version, such as `gpt-5-mini-2025-08-07`,
 * has the price of `gpt-5-mini`.
 */
export function findModelPrice(model: string): ModelPrice | undefined {
  const names = [model, model.replace(/-(\d{4}-\d{2}-\d{2}|\d{8})$/, '')];
  const known = names.find((name) => Object.hasOwn(modelPrices, name));
  return known === undefined ? undefined : modelPrices[known];
}

/** Returns the exact cost of tokens in USD. */
export function costOfTokens({ input, output }: Tokens, { inputUsd, outputUsd }: ModelPrice): Exact {
  return new Exact(inputUsd).mul(input).add(new Exact(outputUsd).mul(output)).div(1_000_000);
}

/**
 * Returns the maximum cost of a call in USD, which is known before the call. A token is at least one byte long, so the
 * request has at most as many tokens as bytes. The response has at most `maxOutputTokens`.
 */
export function maxCostOfCall(request: string, maxOutputTokens: number, price: ModelPrice): Exact {
  return costOfTokens({ input: Buffer.byteLength(request), output: maxOutputTokens }, price);
}
