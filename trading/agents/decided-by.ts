import { z } from 'zod';

/** Who decided in a stage that a model can drive. Results that were stored before there were models are the rule's. */
export const decidedBySchema = z.enum(['rule', 'model']).default('rule');
