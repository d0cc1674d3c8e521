import { keepTrying } from '#base/keep-trying.ts';
import { openConnections } from '#kit/connections.ts';
import { createTopics, kafkaFrom } from '#kit/kafka/kafka.ts';
import { type Publisher, startPublisher } from '#kit/kafka/publisher.ts';
import { runProcess } from '#kit/run-process.ts';
import { createTape, listSignalTypes } from '#trading/generators/tape.ts';
import { configSchema } from './config.ts';
import { createGeneratorMetrics } from './generator-metrics.ts';
import { createMarketHours } from './market/market-calendar.ts';
import { readMarket } from './market/read-market.ts';
import { createMarketPublisher } from './replay/market-publisher.ts';
import { readProgress } from './replay/read-progress.ts';
import { startReplay } from './replay/replay.ts';

const NAME = 'signal-generator';

await runProcess(NAME, configSchema, async ({ config, log, instruments, ops, stopping }) => {
  const market = readMarket(config.REPLAY_SYMBOLS);
  const symbols = market.map(({ symbol }) => symbol);
  const metrics = createGeneratorMetrics(instruments, symbols);
  let publisher: Publisher | undefined;
  ops.addCheck('kafka', () => (publisher ? publisher.check() : `no connection to ${config.KAFKA_BROKERS} yet`));

  const servers = openConnections({ kafka: kafkaFrom(config, NAME) }, { log, ops });
  const { kafka } = servers.clients;
  const waiting = { log, signal: stopping };
  await keepTrying('create the topics', () => createTopics(kafka), waiting);
  const progress = await keepTrying('read where to go on', () => readProgress(kafka, NAME, symbols, log), waiting);
  publisher = await keepTrying('start publishing', () => startPublisher(kafka, log), waiting);
  log.info({ from: Object.fromEntries(progress), bars_per_second: config.REPLAY_BARS_PER_SECOND }, 'replay begins');

  const connected = publisher;
  const mockSeed = config.MOCK_GENERATOR ? config.MOCK_SEED : undefined;
  const replay = startReplay({
    tapes: market.map((series) =>
      createTape(series, {
        start: progress.get(series.symbol) ?? 0,
        loop: config.REPLAY_LOOP,
        mockSeed,
      }),
    ),
    isOpen: createMarketHours(config.MARKET_HOURS, symbols, log),
    barsPerSecond: config.REPLAY_BARS_PER_SECOND,
    market: createMarketPublisher(connected, metrics, {
      series: market.map(({ symbol, timeframe }) => [symbol, timeframe]),
      types: listSignalTypes({ mockSeed }),
    }),
    metrics,
    log,
  });
  return async () => {
    await replay.stop();
    await connected.stop();
    await servers.close();
  };
});
