import { pino } from 'pino';
import { expect, it } from 'vitest';
import { startTelemetry } from '#kit/telemetry/telemetry.ts';
import type { OrderReport } from '#trading/orders/broker.ts';
import { reportStatuses } from '#trading/orders/order.ts';
import { observeReports } from './open-brokers.ts';

it('logs every report of a broker, and counts filled and rejected orders only', async () => {
  const telemetry = startTelemetry('celery-worker', {});
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line).status) });
  let report: (report: OrderReport) => void = () => undefined;
  const broker = {
    mode: 'live',
    placeOrder: () => Promise.reject(new Error('no orders here')),
    onReport: (listener: typeof report) => {
      report = listener;
    },
  } as const;
  observeReports(broker, { log, instruments: telemetry.instruments });

  const order = {
    clientOrderId: 'c',
    pipelineId: 'p',
    symbol: 'GOOG',
    side: 'buy',
    quantity: '1',
    price: '2',
  } as const;
  for (const status of reportStatuses)
    report({ ...order, status, filledQuantity: '0', feeUsd: '0', realisedPnlUsd: '0' });

  expect(logged).toEqual([...reportStatuses]);
  const counted = (await telemetry.scrape()).body
    .split('\n')
    .filter((line) => line.startsWith('trading_bot_trades_total{'));
  expect(counted.map((line) => /status="(\w+)"/.exec(line)?.[1]).sort()).toEqual(['filled', 'rejected']);
  expect(counted.map((line) => line.slice(line.lastIndexOf(' ') + 1))).toEqual(['1', '1']);
  await telemetry.shutdown();
});

it('adds the value of fills once, whatever the reports repeat', async () => {
  const telemetry = startTelemetry('celery-worker', {});
  const listeners: ((report: OrderReport) => void)[] = [];
  const broker = {
    mode: 'paper',
    placeOrder: () => Promise.reject(new Error('no orders here')),
    onReport: (listener: (report: OrderReport) => void) => void listeners.push(listener),
  } as const;
  observeReports(broker, { log: pino({ level: 'silent' }), instruments: telemetry.instruments });
  const series = async (side: string) => {
    const line = (await telemetry.scrape()).body
      .split('\n')
      .find((one) => one.startsWith(`trading_volume_usd_total{venue="paper",side="${side}"}`));
    return Number(line?.split(' ').at(-1));
  };
  expect([await series('buy'), await series('sell')]).toEqual([0, 0]);

  const order = {
    clientOrderId: 'c',
    pipelineId: 'p',
    symbol: 'GOOG',
    side: 'buy',
    quantity: '10',
    price: '2',
  } as const;
  const reports: Pick<OrderReport, 'status' | 'filledQuantity' | 'averagePrice'>[] = [
    { status: 'accepted', filledQuantity: '0' },
    { status: 'partially_filled', filledQuantity: '4', averagePrice: '2.5' },
    { status: 'partially_filled', filledQuantity: '4', averagePrice: '2.5' },
    { status: 'cancelled', filledQuantity: '6', averagePrice: '3' },
  ];
  for (const report of reports) listeners[0]?.({ ...order, ...report, feeUsd: '0', realisedPnlUsd: '0' });
  const rejected = { ...order, clientOrderId: 'd', status: 'rejected', filledQuantity: '0' } as const;
  listeners[0]?.({ ...rejected, feeUsd: '0', realisedPnlUsd: '0' });
  expect([await series('buy'), await series('sell')]).toEqual([18, 0]);
  await telemetry.shutdown();
});
