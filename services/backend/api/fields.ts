import { z } from 'zod';

/** An exact decimal. It is a string, because a JSON number would lose digits. */
export const decimalSchema = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ id: 'Decimal', description: 'An exact decimal number, as a string', examples: ['1250.75'] });

export const timeSchema = z.iso
  .datetime()
  .meta({ description: 'ISO 8601, UTC', examples: ['2026-01-31T12:00:00.000Z'] });
