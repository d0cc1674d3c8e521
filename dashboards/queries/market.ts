import { quantile, rate, wholeOf } from './expression.ts';

/** Bars as they arrive: at the generator, which makes signals of them, and at the backend, which values positions. */
export const marketsOpen = wholeOf('market_open');
export const updateRate = rate('market_data_updates_total', { by: ['job'] });
export const lagP50 = quantile(0.5, 'market_data_lag_seconds');
export const lagP95 = quantile(0.95, 'market_data_lag_seconds');
export const lagP99 = quantile(0.99, 'market_data_lag_seconds');
