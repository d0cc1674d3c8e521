/** The ids of the platform. Messages, routes, cursors and the stream take their schemas from here, so that whatever can be stored can be read. */
import { z } from 'zod';
import { visibleText } from '#base/visible-text.ts';

/**
 * The id of any pipeline. `<namespace>.<name>` of a TradingPipeline always fits: both are at most 63 characters of this
 * set.
 */
export const pipelineIdSchema = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]{0,126}[a-z0-9])?$/,
    'a pipeline id is 1 to 128 characters of a-z, 0-9, . and -, and begins and ends with a letter or digit',
  )
  .describe('Id of the pipeline in URLs, metrics and logs')
  .meta({ examples: ['golden-cross-btc'] });

/** The id that a user of the API may give a new pipeline. Ids with a dot belong to TradingPipelines. */
export const newPipelineIdSchema = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,126}[a-z0-9])?$/,
    'expected 1 to 128 characters of a-z, 0-9 and -, with a letter or digit at both ends. Ids with a dot belong to pipelines that TradingPipelines declare',
  )
  .describe('Id of the pipeline in URLs, metrics and logs. It has no dot, unlike the id of a declared pipeline')
  .meta({ examples: ['golden-cross-btc'] });

/** The id of a signal, an execution or an order. Anybody may publish signals, so their ids may have any form. */
export const recordIdSchema = z
  .string()
  .regex(visibleText(128, '.'), 'an id is 1 to 128 visible characters, and does not begin with a dot');
