import { z } from 'zod';
import { httpAddressSchema, millisecondsSchema } from '#kit/config.ts';
import { findModelPrice, type ModelPrice } from '#trading/models/model-cost.ts';
import { type ChatSettings, type ModelAgent, modelAgents } from '#trading/models/question.ts';

const usdPerMillionSchema = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be a number of USD, such as 0.25')
  .meta({ unit: 'USD per million tokens' });

/**
 * The environment variables of the language model that agents can ask. Without MODEL_API_URL, the rules decide for all
 * agents.
 */
export const modelConfigSchema = z.object({
  MODEL_API_URL: httpAddressSchema
    .optional()
    .describe(
      'base URL of an API for OpenAI chat completions, such as https://api.openai.com/v1; without it, agents use their rules',
    ),
  MODEL_API_KEY: z.string().optional().describe('bearer token for MODEL_API_URL'),
  MODEL_NAME: z.string().optional().describe('name of the model in that API; needed with MODEL_API_URL'),
  MODEL_AGENTS: z
    .string()
    .default('bias')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(modelAgents)).min(1))
    .describe(`agents that ask the model: ${modelAgents.join(', ')}; separated by commas`),
  MODEL_TIMEOUT_MS: millisecondsSchema
    .default(8_000)
    .describe('most time for an answer, all attempts included; after it the rule of the agent decides'),
  MODEL_MAX_OUTPUT_TOKENS: z.coerce
    .number()
    .int()
    .min(50)
    .max(100_000)
    .default(1_000)
    .meta({ unit: 'tokens' })
    .describe('most tokens of an answer, the reasoning tokens included'),
  MODEL_LIMIT_FIELD: z
    .enum(['max_completion_tokens', 'max_tokens'])
    .default('max_completion_tokens')
    .describe('name of the request field with that limit: max_completion_tokens or max_tokens'),
  MODEL_INPUT_USD_PER_MILLION: usdPerMillionSchema
    .optional()
    .describe('price of input tokens; needed if the model is not in the price list'),
  MODEL_OUTPUT_USD_PER_MILLION: usdPerMillionSchema
    .optional()
    .describe('price of output tokens; needed if the model is not in the price list'),
});
type ModelConfig = z.infer<typeof modelConfigSchema>;

export interface ModelSettings extends ChatSettings {
  readonly url: string;
  readonly key: string | undefined;
  readonly agents: readonly ModelAgent[];
  readonly timeoutMs: number;
  readonly price: ModelPrice;
}

/**
 * Returns the settings of the model, or undefined without MODEL_API_URL.
 * @throws Error that names the missing variable. The price is required, because without it budgets could not be
 * enforced
 */
export function readModelSettings(config: ModelConfig): ModelSettings | undefined {
  const { MODEL_API_URL: url, MODEL_NAME: model } = config;
  if (url === undefined) return undefined;
  if (model === undefined) throw new Error('wrong configuration: MODEL_API_URL needs MODEL_NAME, the model to ask');
  return {
    url,
    key: config.MODEL_API_KEY,
    model,
    agents: config.MODEL_AGENTS,
    timeoutMs: config.MODEL_TIMEOUT_MS,
    maxOutputTokens: config.MODEL_MAX_OUTPUT_TOKENS,
    limitField: config.MODEL_LIMIT_FIELD,
    price: choosePrice(model, config),
  };
}

function choosePrice(model: string, config: ModelConfig): ModelPrice {
  const known = findModelPrice(model);
  const inputUsd = config.MODEL_INPUT_USD_PER_MILLION ?? known?.inputUsd;
  const outputUsd = config.MODEL_OUTPUT_USD_PER_MILLION ?? known?.outputUsd;
  if (inputUsd !== undefined && outputUsd !== undefined) return { inputUsd, outputUsd };
  throw new Error(
    `wrong configuration: the price of ${model} is not known, so budgets could not be enforced: set MODEL_INPUT_USD_PER_MILLION and MODEL_OUTPUT_USD_PER_MILLION; 0 for a model of your own`,
  );
}
